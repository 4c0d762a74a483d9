"""`nnctl sweep` as a function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from nnctl.config.load import dump_config, load_config
from nnctl.errors import Problem, UsageError
from nnctl.files import refuse_to_overwrite, write_atomically
from nnctl.sweeps.existing_sweep import read_sweep
from nnctl.sweeps.load import load_sweep
from nnctl.sweeps.observer import NoteKeeper, SweepObserver
from nnctl.sweeps.resources import refuse_too_many_threads
from nnctl.sweeps.run import EngineName, run_sweep
from nnctl.training.compiling import cache_notes_in
from nnctl.training.observers.observer import notes_in_errors
from nnctl.training.stop_signal import StopSignal


@dataclass(frozen=True)
class SweepResult:
    """How a sweep ended. report: what `--json` prints. signal: the number of the signal that ended it, if one did."""

    report: dict[str, Any]
    signal: int | None = None


def sweep(
    file: str | Path,
    overrides: Sequence[str] = (),
    *,
    run: str | Path | None = None,
    workers: int | None = None,
    threads: int | None = None,
    engine: EngineName = "local",
    scheduler: str | None = None,
    fail_fast: bool = False,
    best: str | Path | None = None,
    observer: SweepObserver | None = None,
) -> SweepResult:
    """Run every trial of a sweep that has not ended yet.

    file: a sweep's file, a run's config (then overrides with several values are the grid), or a sweep's folder, of
    which only the report is given.
    run: the sweep's folder, else `runs/<name>`.
    scheduler: of Dask.
    best: where the config of the best trial is written.
    Raises ConfigError, DataError, UsageError, StorageError; what goes wrong in a trial is in the report.
    """
    began = perf_counter()
    best = None if best is None else Path(best)
    if scheduler is not None and engine != "dask":
        raise UsageError("--scheduler is of Dask, and the engine is local", help="add --engine dask")
    if engine == "dask":
        from nnctl.sweeps.engines.dask import require_distributed

        require_distributed()
    if scheduler is None:
        refuse_too_many_threads(workers, threads)
    if best is not None:
        refuse_to_overwrite(best, "--best FILE")
    if Path(file).is_dir():
        if overrides:
            help = "give the sweep's file to run it with other settings"
            raise UsageError(Problem("is the folder of a sweep, which has no settings to change", str(file), help=help))
        return SweepResult(_with_best(read_sweep(Path(file)), best))
    loaded = load_sweep(file, overrides)
    keeper = NoteKeeper(observer or SweepObserver())
    with notes_in_errors(keeper.notes), cache_notes_in(keeper.notes), StopSignal() as stop:
        report = run_sweep(
            loaded,
            Path(run or Path("runs") / loaded.settings.name),
            stop,
            workers=workers,
            threads=threads,
            engine=engine,
            scheduler=scheduler,
            fail_fast=fail_fast,
            observer=keeper,
            began=began,
        )
    return SweepResult(_with_best(report, best), stop.number if report["stopped"] == "signal" else None)


def _with_best(report: dict[str, Any], file: Path | None) -> dict[str, Any]:
    """Write the config of the best trial into a file that trains as it is."""
    if file is None:
        return report
    best = report["best"]
    if best is None:
        raise UsageError("there is no best trial yet, so that --best has nothing to write", help="leave --best out")
    text = dump_config(load_config(best["config"]).config, file.parent)
    about = f"# {report['name']}, trial {best['trial']}: {report['metric']} {best['value']:.6g}\n"
    write_atomically(file, (about + text).encode(), "--best FILE")
    return report | {"best": best | {"config": str(file)}}
