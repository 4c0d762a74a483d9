"""`nnctl train`: its options, its progress, its summary."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nnctl.cli import output


def train(
    config: Annotated[Path, typer.Argument(help="The YAML file that describes the run.", show_default=False)],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Settings that replace the file's.")
    ] = None,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="The run folder; else runs/<name>.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in its folder, to the same bits.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Threads to compute on.")] = None,
    device: Annotated[str | None, typer.Option(metavar="cpu|cuda", help="Where to compute.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress.")] = False,
) -> int:
    """Train the network that CONFIG describes."""
    from nnctl.cli.progress import progress_for
    from nnctl.training.train import train as run_training

    settings = [*(overrides or []), *([f"device={device}"] if device else [])]
    result = run_training(config, settings, run=run, resume=resume, threads=threads, observer=progress_for(quiet=quiet))
    if json:
        output.print_json(result.report)
    elif not quiet:
        _print_summary(result.report)
    return 0 if result.signal is None else 128 + result.signal


def _print_summary(report: dict[str, Any]) -> None:
    how = {"finished": "finished", "early": "stopped early", "signal": "interrupted"}[report["stopped"]]
    seconds = report["seconds"]
    compiling = (
        f", {output.duration(seconds['compile'])} of them compiling kernels" if seconds["compile"] >= 0.1 else ""
    )
    print(f"{how} after {report['epochs']} epochs in {output.duration(seconds['total'])}{compiling}")
    if report["metrics"]:
        measured = "  ".join(f"{name} {output.number(value)}" for name, value in report["metrics"].items())
        print(f"best epoch {report['best_epoch']}: {measured}")
    if report["stopped"] == "signal":
        print(f"to go on: the same command with --resume --run {report['run']}")
    elif report["checkpoint"]:
        print(f"next: nnctl eval {report['run']}")
