"""`nnctl sweep`: its options."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nnctl.cli import output


class EngineOption(StrEnum):
    local = "local"
    dask = "dask"


def sweep(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="SWEEP",
            help="The YAML file of a sweep; a run's config, with KEY=V1,V2,… as the grid; "
            "or the folder of a sweep, to see its state.",
            show_default=False,
        ),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Settings that replace the file's; several values are tried."),
    ] = None,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="The sweep's folder; else runs/<name>.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Trials at a time.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Threads of each trial.")] = None,
    engine: Annotated[EngineOption, typer.Option(help="What runs the trials.")] = EngineOption.local,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="The Dask scheduler; else a cluster on this machine.")
    ] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first trial that fails.")] = False,
    best: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the config of the best trial, ready to train.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress and no summary; notes stay.")] = False,
) -> int:
    """Try many settings: train each combination in SWEEP.

    The same command continues a stopped or killed sweep, and runs only what is missing.
    """
    from nnctl.cli.sweep_progress import sweep_progress_for
    from nnctl.cli.sweep_tables import print_sweep
    from nnctl.commands.sweep import sweep as run_sweep

    result = run_sweep(
        file,
        overrides or [],
        run=run,
        workers=workers,
        threads=threads,
        engine=engine.value,
        scheduler=scheduler,
        fail_fast=fail_fast,
        best=best,
        observer=sweep_progress_for(quiet=quiet),
    )
    if json:
        output.print_json(result.report)
    elif not quiet:
        print_sweep(result.report, looked_at=file.is_dir())
    if result.signal is not None:
        return 128 + result.signal
    return 7 if result.report["counts"]["failed"] else 0
