"""`nnctl train`: its options, its progress, its summary."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnctl.cli import output
from nnctl.text import counted, typed

if TYPE_CHECKING:
    from rich.table import Table


def train(
    config: Annotated[
        Path, typer.Argument(help="The YAML file that describes the run; - is stdin.", show_default=False)
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Settings that replace the file's.")
    ] = None,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="The run folder; else runs/<name>.")] = None,
    folds: Annotated[
        int | None,
        typer.Option(min=2, metavar="N", help="Cross-validate: train N times, each time test on another Nth."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="With --folds: rows with one value of this column are in one fold."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in its folder, to the same bits.")] = False,
    find_lr: Annotated[
        bool, typer.Option("--find-lr", help="Train shortly at many learning rates, and print the best; makes no run.")
    ] = False,
    find_batch_size: Annotated[
        bool, typer.Option("--find-batch-size", help="Measure speed and memory by batch size; makes no run.")
    ] = False,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Threads to compute on.")] = None,
    device: Annotated[str | None, typer.Option(metavar="cpu|cuda", help="Where to compute.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress and no summary; notes stay.")] = False,
) -> int:
    """Train the network that CONFIG describes."""
    from nnctl.cli.progress import progress_for
    from nnctl.cli.reading import reading_progress
    from nnctl.commands.train import train as run_training

    with reading_progress(quiet=quiet):
        result = run_training(
            config,
            overrides or [],
            run=run,
            folds=folds,
            group=group,
            resume=resume,
            find_lr=find_lr,
            find_batch_size=find_batch_size,
            threads=threads,
            device=device,
            observers=progress_for(quiet=quiet, folds=folds is not None, short=find_lr or find_batch_size),
        )
    if json:
        output.print_json(result.report)
    elif find_lr:
        from nnctl.cli.learning_rates import print_learning_rates

        print_learning_rates(result.report, quiet=quiet)
    elif find_batch_size:
        _print_batch_sizes(result.report, quiet=quiet)
    elif not quiet and folds is None:
        _print_summary(result.report, nothing_to_do=result.nothing_to_do)
    elif not quiet:
        _print_folds(result.report)
    return 0 if result.signal is None else 128 + result.signal


def _print_summary(report: dict[str, Any], *, nothing_to_do: bool) -> None:
    if not nothing_to_do:
        _print_how(report)
    if report["metrics"]:
        measured = "  ".join(f"{name} {output.number(value)}" for name, value in report["metrics"].items())
        print(f"best epoch {report['best_epoch']}: {measured}")
    if report["stopped"] == "signal":
        _print_how_to_continue(report)
    elif report["checkpoint"]:
        print(f"next: {typed('eval', report['run'])}")


def _print_how_to_continue(report: dict[str, Any]) -> None:
    print(f"to continue: run the same command with --resume --run {quote(report['run'])}")


def _print_how(report: dict[str, Any]) -> None:
    how = {"finished": "finished", "early": "stopped early", "signal": "interrupted"}[report["stopped"]]
    seconds = report["seconds"]
    compiling = (
        f", {output.duration(seconds['compile'])} of them compiling kernels" if seconds["compile"] >= 0.1 else ""
    )
    print(f"{how} after {counted(report['epochs'], 'epoch')} in {output.duration(seconds['total'])}{compiling}")


def _print_batch_sizes(report: dict[str, Any], *, quiet: bool) -> None:
    from nnctl.memory import bytes_in_words

    if not quiet:
        table = output.table("batch_size", "samples/s", "memory", right=("batch_size", "samples/s", "memory"))
        for size in report["sizes"]:
            speed, memory = f"{size['samples_per_second']:,.0f}", bytes_in_words(size["memory"])
            table.add_row(f"{size['batch_size']:,}", speed, memory)
        output.stdout_console().print(table)
    print(f"batch_size={report['batch_size']}")


def _print_folds(report: dict[str, Any]) -> None:
    done = len(report["folds"])
    if done:
        output.stdout_console().print(_folds(report))
    how = {"finished": "finished", "signal": "interrupted"}[report["stopped"]]
    print(f"{how} after {counted(done, 'fold')} in {output.duration(report['seconds'])}")
    if report["stopped"] == "signal":
        _print_how_to_continue(report)
    else:
        print(f"next: {typed('eval', report['folds'][0]['run'])}")


def _folds(report: dict[str, Any]) -> Table:
    """A row a fold, then those that sum them up."""
    folds = report["folds"]
    names = list(folds[0]["metrics"])
    summary = [row for row in ("mean", "deviation") if report[row]]
    rows = [*(fold["metrics"] for fold in folds), *(report[row] for row in summary)]
    labels = [*(str(number) for number in range(1, len(folds) + 1)), *summary]
    samples = [*(f"{fold['samples']:,}" for fold in folds), *("" for _ in summary)]
    columns = [output.column([row[name] for row in rows]) for name in names]
    table = output.table("fold", "samples", *names, right=("samples", *names))
    for cells in zip(labels, samples, *columns, strict=True):
        table.add_row(*cells, end_section=cells[0] == str(len(folds)))
    return table
