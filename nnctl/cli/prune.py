"""`nnctl prune`: its options, and its tables."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnctl.cli import output
from nnctl.text import counted, typed

if TYPE_CHECKING:
    from rich.table import Table


class ByOption(StrEnum):
    effect = "effect"
    magnitude = "magnitude"


def prune(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder (its best checkpoint), or a file.", show_default=False)
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Settings of the fine-tuning, in place of the run's."),
    ] = None,
    keep: Annotated[
        float | None, typer.Option(metavar="SHARE", help="How many of the parameters stay at most: 0.1 is a tenth.")
    ] = None,
    inputs: Annotated[
        float | None, typer.Option(metavar="SHARE", help="How many of a table's columns the new network reads.")
    ] = None,
    by: Annotated[
        ByOption, typer.Option(help="What tells how much a channel matters: the loss without it, or its weights.")
    ] = ByOption.effect,
    steps: Annotated[
        int, typer.Option(min=1, max=100, metavar="N", help="In how many steps, with fine-tuning after each.")
    ] = 1,
    run: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The new run folder; else runs/<name>-pruned.")
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Threads to compute on.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress and no summary; notes stay.")] = False,
) -> int:
    """Make a trained network smaller: leave out the channels that matter least, and fine-tune what is left."""
    from nnctl.cli.progress import progress_for
    from nnctl.cli.reading import reading_progress
    from nnctl.commands.prune import prune as run_pruning

    with reading_progress(quiet=quiet):
        result = run_pruning(
            checkpoint,
            overrides or [],
            keep=keep,
            inputs=inputs,
            by=by.value,
            steps=steps,
            run=run,
            threads=threads,
            observers=progress_for(quiet=quiet),
        )
    if json:
        output.print_json(result.report)
    elif not quiet:
        _print_report(result.report)
    return 0 if result.signal is None else 128 + result.signal


def _print_report(report: dict[str, Any]) -> None:
    from nnctl.memory import bytes_in_words

    console = output.stdout_console()
    if not all(column["kept"] for column in report["inputs"]):
        console.print(_inputs(report["inputs"]))
    console.print(_layers(report))
    console.print(_metrics(report))
    if report["stopped"] == "signal":
        again = typed("train", f"{report['run']}/config.yaml", "--resume", "--run", report["run"])
        print(f"interrupted after {counted(report['epochs'], 'epoch')} of fine-tuning; to continue: {again}")
        return
    sizes = report["bytes"]
    print(f"the checkpoint has {bytes_in_words(sizes['after'])}, it had {bytes_in_words(sizes['before'])}")
    print(f"next: {typed('eval', report['run'])}")


def _inputs(columns: list[dict[str, Any]]) -> Table:
    """How much each column matters, and which the network still reads."""
    table = output.table("column", "effect", "", right=("effect",))
    for column in columns:
        table.add_row(column["column"], f"{column['effect']:.2g}", "" if column["kept"] else "left out")
    return table


def _layers(report: dict[str, Any]) -> Table:
    """Channels and parameters of each layer, before and after."""
    columns = ("channels", "are left", "parameters", "are left ")
    table = output.table("layer", "type", *columns, right=columns)
    for layer in report["layers"]:
        counts = [f"{layer[key][when]:,}" for key in ("channels", "parameters") for when in ("before", "after")]
        if layer["channels"]["before"] == layer["channels"]["after"]:
            counts[1] = ""
        table.add_row(layer["layer"], layer["type"], *counts)
    table.add_section()
    before, after = report["parameters"]["before"], report["parameters"]["after"]
    table.add_row("total", "", "", "", f"{before:,}", f"{after:,} ({after / before:.1%})")
    return table


def _metrics(report: dict[str, Any]) -> Table:
    """Loss and metrics before, after cutting, and after tuning."""
    measured = report["metrics"]
    names = list(measured["before"])
    table = output.table(report["split"], *names, right=tuple(names))
    labels = {"before": "before", "cut": "cut", "tuned": "tuned"}
    columns = [output.column([values[name] for values in measured.values()]) for name in names]
    for cells in zip((labels[key] for key in measured), *columns, strict=True):
        table.add_row(*cells)
    return table
