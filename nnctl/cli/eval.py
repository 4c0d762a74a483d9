"""`nnctl eval`: its options and its tables."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table


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
    measured = "  ".join(f"{name} {output.number(value)}" for name, value in report["metrics"].items())
    console.print(f"{report['split']}: {measured}", soft_wrap=True)


def _print_classes(report: dict[str, Any]) -> None:
    console = output.stdout_console()
    if len(report["classes"]) <= output.MOST_CLASSES:
        console.print(_confusion(report["classes"], report["confusion_matrix"]))
    else:
        output.note(f"the confusion matrix of {len(report['classes'])} classes is in --json")
    columns = ("class", "precision", "recall", "f1", "samples")
    table = output.table(*columns, right=columns)
    for row in report["by_class"]:
        scores = [output.number(row[name]) for name in ("precision", "recall", "f1")]
        table.add_row(row["class"], *scores, f"{row['samples']:,}")
    console.print(table)


def _confusion(classes: list[str], counts: list[list[int]]) -> Table:
    table = output.table("true, predicted", *classes, right=("true, predicted", *classes))
    for position, (name, row) in enumerate(zip(classes, counts, strict=True)):
        cells = [str(count) if count else "·" for count in row]
        cells[position] = f"[bold]{cells[position]}[/]"
        table.add_row(name, *cells)
    return table
