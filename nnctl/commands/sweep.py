"""`nnctl sweep` as a function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from nnctl.config.document import Path as KeyPath
from nnctl.errors import ConfigError, Problem, UsageError
from nnctl.files import refuse_to_overwrite, write_atomically
from nnctl.kernels.compiler import cache
from nnctl.sweeps.combination import Checks, Combination
from nnctl.sweeps.course import Course
from nnctl.sweeps.engines.engine import Engine
from nnctl.sweeps.load import LoadedSweep, load_sweep
from nnctl.sweeps.methods.method import Method
from nnctl.sweeps.observer import Outline, SweepObserver
from nnctl.sweeps.past import read_sweep
from nnctl.sweeps.race import Race
from nnctl.sweeps.shares import Shares, refuse_too_many, shares
from nnctl.sweeps.space import MOST_TRIALS
from nnctl.sweeps.summary import Stopped, report_of
from nnctl.sweeps.sweep_folder import SweepFolder
from nnctl.sweeps.trial import trial_name
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
    run: Path | None = None,
    workers: int | None = None,
    threads: int | None = None,
    engine: Literal["local", "dask"] = "local",
    scheduler: str | None = None,
    fail_fast: bool = False,
    best: Path | None = None,
    observer: SweepObserver | None = None,
) -> SweepResult:
    """Run every trial of a sweep that has not ended yet.

    file: a sweep's file, a run's config (then overrides with several values are the grid), or a sweep's folder, of
    which only the report is given. run: the sweep's folder, else `runs/<name>`. scheduler: of Dask. best: where the
    config of the best trial is written. Raises ConfigError, DataError, UsageError, StorageError; what goes wrong in a
    trial is in the report.
    """
    began = perf_counter()
    watcher = observer or SweepObserver()
    if scheduler is not None and engine != "dask":
        raise UsageError("--scheduler is of Dask, and the engine is local", help="add --engine dask")
    if engine == "dask":
        from nnctl.sweeps.engines.dask import require_distributed

        require_distributed()
    if scheduler is None:
        refuse_too_many(workers, threads)
    if best is not None:
        refuse_to_overwrite(best, "--best FILE")
    if Path(file).is_dir():
        if overrides:
            help = "give the sweep's file to run it with other settings"
            raise UsageError(Problem("is the folder of a sweep, which has no settings to change", str(file), help=help))
        return SweepResult(_with_best(read_sweep(Path(file)), best))
    loaded = load_sweep(file, overrides)
    path = run or Path("runs") / loaded.settings.name
    with StopSignal() as stop:
        checks = Checks(loaded)
        count, combinations, largest = _checked(loaded, checks, watcher)
        for note in checks.notes:
            watcher.note(note)
        with SweepFolder(path) as folder:
            course = Course(loaded, checks, combinations, count, path)
            share = shares(workers, threads, min(course.window, max(1, course.left)), largest.memory)
            watcher.planned(_outline(loaded, checks, course, share, largest, path, scheduler))
            for note in share.notes if scheduler is None else ():
                watcher.note(note)

            def report() -> dict[str, Any]:
                stopped = "signal" if race.stopped == "finished" and course.left else race.stopped
                return _report(loaded, checks, course, path, stopped, perf_counter() - began)

            race = Race(course, watcher, stop, folder, report, loaded.settings.time_limit, fail_fast)
            folder.write(report(), course.records)
            try:
                if course.left:
                    if engine == "local" and cache.is_empty(cache.prepare()):
                        watcher.note("compiling kernels (once on this machine)")
                    with _engine(engine, scheduler, share) as started:
                        race.run(started, threads if scheduler else share.threads)
            finally:
                watcher.finished()
                folder.write(final := report(), course.records)
    return SweepResult(_with_best(final, best), stop.number if race.stopped == "signal" else None)


def _engine(name: Literal["local", "dask"], scheduler: str | None, share: Shares) -> Engine:
    if name == "local":
        from nnctl.sweeps.engines.local import LocalEngine

        return LocalEngine(share.workers, share.threads)
    from nnctl.sweeps.engines.dask import DaskEngine

    return DaskEngine(scheduler, share.workers, share.threads)


def _checked(loaded: LoadedSweep, checks: Checks, watcher: SweepObserver) -> tuple[int, list[Combination], Combination]:
    """How many combinations there will be, those that are known, and the one that takes most memory."""
    settings, space = loaded.settings, loaded.space
    method = settings.method
    place: KeyPath = ("method",) if settings.trials is None else ("trials",)
    asked = None if settings.trials is None else settings.trials // settings.seeds
    try:
        count = method.count(space, asked)
    except ValueError as error:
        what, _, help = str(error).rpartition("; ")
        raise ConfigError(loaded.problem(place, what, help)) from None
    if count * settings.seeds > MOST_TRIALS:
        what = f"{count:,} combinations × {settings.seeds:,} seeds are more than {MOST_TRIALS:,} trials"
        raise ConfigError(loaded.problem(("seeds",), what, "use fewer seeds, or fewer values"))
    if settings.prune is not None:
        settings.prune.judge((), 1, False)  # tells now where a package is missing
    chosen = list(space.corners() if method.learns else method.all(space, count, loaded.seed))
    used = {name for settings in chosen for name in settings}
    unused = [parameter for parameter in space.parameters if parameter.name not in used]
    if unused:
        what, help = "is never used: there is no combination in which its conditions hold", "change its `when`"
        raise ConfigError(*(p.place.problem(what, help, ("parameters", p.name)) for p in unused))
    combinations = checks.all(chosen, watcher.checking)
    largest = max(combinations, key=lambda combination: combination.memory)
    if method.learns:
        return count, [], largest
    distinct = {trial_name(combination.config): combination for combination in reversed(combinations)}
    kept = list(reversed(distinct.values()))
    if len(kept) < count:
        watcher.note(f"{count - len(kept)} of {count} combinations are the same runs as others, and run once")
    return len(kept), kept, largest


def _report(
    loaded: LoadedSweep, checks: Checks, course: Course, path: Path, stopped: Stopped, seconds: float
) -> dict[str, Any]:
    return report_of(
        folder=path,
        name=loaded.settings.name,
        method=_type(loaded.settings.method),
        metric=checks.metric.name,
        higher=checks.metric.higher_is_better,
        seeds=loaded.settings.seeds,
        records=course.records,
        stopped=stopped,
        seconds=seconds,
    )


def _type(method: Method) -> str:
    return str(getattr(method, method.tag))


def _outline(
    loaded: LoadedSweep,
    checks: Checks,
    course: Course,
    share: Shares,
    largest: Combination,
    path: Path,
    scheduler: str | None,
) -> Outline:
    settings = loaded.settings
    return Outline(
        name=settings.name,
        folder=path,
        method=_type(settings.method),
        metric=checks.metric.name,
        higher_is_better=checks.metric.higher_is_better,
        combinations=course.total // settings.seeds,
        seeds=settings.seeds,
        done=course.total - course.left,
        workers=share.workers,
        threads=share.threads,
        memory=share.memory,
        epochs=largest.config.epochs,
        best=course.best(),
        scheduler=scheduler,
    )


def _with_best(report: dict[str, Any], file: Path | None) -> dict[str, Any]:
    """Write the config of the best trial into a file that trains as it is."""
    if file is None:
        return report
    best = report["best"]
    if best is None:
        raise UsageError("there is no best trial yet, so that --best has nothing to write", help="leave --best out")
    text = Path(best["config"]).read_text(encoding="utf-8")
    about = f"# {report['name']}, trial {best['trial']}: {report['metric']} {best['value']:.6g}\n"
    write_atomically(file, (about + text).encode(), "--best FILE")
    return report | {"best": best | {"config": str(file)}}
