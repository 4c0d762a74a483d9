"""`nnctl eval`: its options and its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnctl.cli import output
from nnctl.cli.eval_errors import print_slices, print_worst
from nnctl.text import shown_number

if TYPE_CHECKING:
    from rich.table import Table


MOST_COLUMNS = 30  # in the terminal; all are in --json


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
    importance: Annotated[
        bool, typer.Option("--importance", help="Measure how much each input column matters, by permuting it.")
    ] = False,
    repeats: Annotated[
        int | None, typer.Option(min=1, max=1_000, metavar="N", help="Permutations of a column; 5 by default.")
    ] = None,
    interval: Annotated[
        float | None,
        typer.Option(metavar="LEVEL", help="Of values: how many targets intervals of this level cover, such as 0.9."),
    ] = None,
    worst: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="List the N samples of the largest loss.")
    ] = None,
    worst_pictures: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The PNG file for a sheet of these, where they are images.")
    ] = None,
    slices: Annotated[
        bool, typer.Option("--slices", help="Name the parts of the samples whose loss stands out, in words.")
    ] = False,
    allow_unseen: Annotated[
        bool, typer.Option("--allow-unseen", help="Go on where no row of a column has a category that training saw.")
    ] = False,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Threads to compute on.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """Measure how good CHECKPOINT is."""
    from nnctl.cli.reading import reading_progress
    from nnctl.commands.eval import evaluate

    with _column_bar(importance) as progress, reading_progress():
        evaluation = evaluate(
            checkpoint,
            data=data,
            split=None if split is None else split.value,
            fail_if=fail_if or [],
            importance=importance,
            repeats=repeats,
            interval=interval,
            worst=worst,
            worst_pictures=worst_pictures,
            slices=slices,
            threads=threads,
            allow_unseen=allow_unseen,
            progress=progress,
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
    weighted = f", weighted by {report['weight']}" if "weight" in report else ""
    print(f"{report['checkpoint']} on {report['samples']:,} {report['split']} samples{weighted}")
    if "confusion_matrix" in report:
        _print_classes(report)
    measured = "  ".join(f"{name} {output.number(value)}" for name, value in report["metrics"].items())
    print(f"{report['split']}: {measured}")
    for name, values in report.get("baselines", {}).items():
        measured = "  ".join(f"{key} {output.number(value)}" for key, value in values.items() if key != "samples")
        of = "" if values["samples"] == report["samples"] else f"  ({values['samples']:,} samples)"
        print(f"{name}: {measured}{of}")
    if "interval" in report:
        _print_intervals(report["interval"])
    if "importance" in report:
        output.stdout_console().print(_importance(report["importance"]))
    print_worst(report)
    print_slices(report)


def _print_intervals(found: dict[str, Any]) -> None:
    for target in found["targets"]:
        of = f" of {target['target']}" if len(found["targets"]) > 1 else ""
        measured = f"coverage {output.number(target['coverage'])}  mean width {output.number(target['mean_width'])}"
        print(f"intervals for {found['level']:g}{of}: {measured}")


def _importance(columns: list[dict[str, Any]]) -> Table:
    """How much worse each number gets; of the one that the columns are sorted by, the deviation too."""
    from rich.markup import escape

    _, loss, first, *others = columns[0]
    names = (first, "±", *others, loss)
    table = output.table("permuted column", *names, right=names)
    shown = columns[:MOST_COLUMNS]
    deciding = output.column([column[first][key] for key in ("mean", "deviation") for column in shown])
    means = [output.column([column[name]["mean"] for column in shown]) for name in (*others, loss)]
    labels = [escape(column["column"]) for column in shown]
    for row in zip(labels, deciding[: len(shown)], deciding[len(shown) :], *means, strict=True):
        table.add_row(*row)
    if len(columns) > MOST_COLUMNS:
        table.add_row(f"… {len(columns) - MOST_COLUMNS} more")
    return table


@contextmanager
def _column_bar(wanted: bool) -> Iterator[Callable[[int, int], None]]:
    """What shows how many columns are done, of how many, where stderr is a terminal."""
    if not wanted or not output.is_terminal():
        yield lambda done, columns: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    parts = (TextColumn("permuting columns"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=output.stderr_console(), transient=True) as bar:
        task = bar.add_task("", visible=False)  # until the samples are read
        yield lambda done, columns: bar.update(task, completed=done, total=columns, visible=True)


def _print_classes(report: dict[str, Any]) -> None:
    from rich.markup import escape

    console = output.stdout_console()
    if len(report["classes"]) <= output.MOST_CLASSES:
        console.print(_confusion(report["classes"], report["confusion_matrix"]))
    else:
        output.note(f"the confusion matrix of {len(report['classes'])} classes is in --json")
    columns = ("class", "precision", "recall", "f1", escape(report.get("weight", "samples")))
    table = output.table(*columns, right=columns)
    for row in report["by_class"]:
        scores = [output.number(row[name]) for name in ("precision", "recall", "f1")]
        table.add_row(escape(row["class"]), *scores, shown_number(row["samples"]))
    console.print(table)


def _cell(samples: float) -> str:
    """How many they are, or what they weigh."""
    return str(samples) if isinstance(samples, int) else shown_number(samples)


def _confusion(classes: list[str], counts: list[list[float]]) -> Table:
    from rich.markup import escape

    names = [escape(name) for name in classes]
    table = output.table("true, predicted", *names, right=("true, predicted", *names))
    for position, (name, row) in enumerate(zip(names, counts, strict=True)):
        cells = [_cell(count) if count else "·" for count in row]
        cells[position] = f"[bold]{cells[position]}[/]"
        table.add_row(name, *cells)
    return table
