"""`nnctl eval`: its options and its tables."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from nnctl.cli import output

MOST_CLASSES = 20  # a larger confusion matrix fits no terminal


class SplitOption(StrEnum):
    train = "train"
    validation = "validation"
    test = "test"


def eval_(
    checkpoint: Annotated[
        Path, typer.Argument(help="A checkpoint file, or a run folder (its best).", show_default=False)
    ],
    data: Annotated[Path | None, typer.Option(metavar="SOURCE", help="Other samples of the same kind.")] = None,
    split: Annotated[SplitOption | None, typer.Option(help="Which samples; test by default, if there are any.")] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(metavar="CONDITION", help="Exit with 6 if it holds: 'accuracy<0.97'. Repeatable."),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Threads to compute on.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """Measure how good CHECKPOINT is."""
    from nnctl.evaluation import evaluate

    evaluation = evaluate(
        checkpoint, data=data, split=None if split is None else split.value, fail_if=fail_if or [], threads=threads
    )
    for text in evaluation.notes:
        output.note(text)
    if json:
        output.print_json(evaluation.report)
    else:
        _print_report(evaluation.report)
    for condition in evaluation.failed:
        output.note(f"--fail-if {condition!r} holds")
    return 6 if evaluation.failed else 0


def _print_report(report: dict[str, Any]) -> None:
    console = output.stdout_console()
    console.print(f"{report['checkpoint']} on {report['samples']:,} {report['split']} samples")
    if "confusion_matrix" in report:
        _print_classes(report)
    for name, value in report["metrics"].items():
        console.print(f"{name:<12} {output.number(value)}")


def _print_classes(report: dict[str, Any]) -> None:
    from rich import box
    from rich.table import Table

    console = output.stdout_console()
    if len(report["classes"]) <= MOST_CLASSES:
        matrix = Table(
            title="rows: the true class; columns: the predicted one", box=box.SIMPLE_HEAD, title_justify="left"
        )
        for name in ["", *report["classes"]]:
            matrix.add_column(name, justify="right")
        for index, (name, row) in enumerate(zip(report["classes"], report["confusion_matrix"], strict=True)):
            cells = [f"[bold]{n}[/]" if index == j else (str(n) if n else "·") for j, n in enumerate(row)]
            matrix.add_row(f"[bold]{name}[/]", *cells)
        console.print(matrix)
    else:
        output.note(f"the confusion matrix of {len(report['classes'])} classes is in --json")
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("class", "precision", "recall", "f1", "samples"):
        table.add_column(name, justify="right")
    for row in report["by_class"]:
        scores = [output.number(row[name]) for name in ("precision", "recall", "f1")]
        table.add_row(row["class"], *scores, f"{row['samples']:,}")
    console.print(table)
