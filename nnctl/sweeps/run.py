"""A sweep, from its checks to its report."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from nnctl.kernels.compiler import cache
from nnctl.kernels.compiler.level import level
from nnctl.kernels.compiler.progress import compiling_kernels
from nnctl.sweeps.combination import Checks, Combination
from nnctl.sweeps.engines.engine import Engine
from nnctl.sweeps.load import LoadedSweep
from nnctl.sweeps.loop import SweepLoop
from nnctl.sweeps.observer import NoteKeeper, Outline
from nnctl.sweeps.plan import plan_sweep
from nnctl.sweeps.resources import Resources, allocate
from nnctl.sweeps.summary import report_of
from nnctl.sweeps.sweep_folder import SweepFolder
from nnctl.sweeps.trial_queue import TrialQueue
from nnctl.training.stop_signal import StopSignal

EngineName = Literal["local", "dask"]


def run_sweep(
    loaded: LoadedSweep,
    path: Path,
    stop: StopSignal,
    *,
    workers: int | None,
    threads: int | None,
    engine: EngineName,
    scheduler: str | None,
    fail_fast: bool,
    observer: NoteKeeper,
    began: float,
) -> dict[str, Any]:
    """Run every trial that has not ended yet, and return the report, whose `stopped` says how the sweep ended.

    path: the sweep's folder. began: when the command did, for the time it takes. Raises as `sweep`.
    """
    checks = Checks(loaded)
    plan = plan_sweep(loaded, checks, observer)
    for note in checks.notes:
        observer.note(note)
    with SweepFolder(path) as folder:
        queue = TrialQueue(loaded, checks, plan, path)
        resources = allocate(workers, threads, min(queue.window, max(1, queue.left)), plan.largest.memory)
        observer.planned(_outline(loaded, queue, resources, plan.largest, path, scheduler))
        for note in resources.notes if scheduler is None else ():
            observer.note(note)
        if not queue.learns and (note := folder.note_on_others(trial.folder for trial in queue.trials)):
            observer.note(note)

        def report() -> dict[str, Any]:
            return report_of(
                folder=path,
                name=loaded.settings.name,
                method=loaded.method_name,
                metric=queue.metric.name,
                higher=queue.metric.higher_is_better,
                seeds=loaded.settings.seeds,
                records=queue.records,
                stopped="signal" if loop.stopped == "finished" and queue.left else loop.stopped,
                seconds=perf_counter() - began,
                notes=observer.notes,
            )

        loop = SweepLoop(queue, observer, stop, folder, report, loaded.settings.time_limit, fail_fast)
        folder.write(report(), queue.records)
        try:
            if queue.left:
                if engine == "local" and not cache.has_kernels(level().name):
                    observer.note(compiling_kernels())
                with _new_engine(engine, scheduler, resources) as started:
                    loop.run(started, threads if scheduler else resources.threads)
        finally:
            observer.finished()
            folder.write(final := report(), queue.records)
    return final


def _new_engine(name: EngineName, scheduler: str | None, resources: Resources) -> Engine:
    if name == "local":
        from nnctl.sweeps.engines.local import LocalEngine

        return LocalEngine(resources.workers, resources.threads)
    from nnctl.sweeps.engines.dask import DaskEngine

    return DaskEngine(scheduler, resources.workers, resources.threads)


def _outline(
    loaded: LoadedSweep,
    queue: TrialQueue,
    resources: Resources,
    largest: Combination,
    path: Path,
    scheduler: str | None,
) -> Outline:
    settings = loaded.settings
    return Outline(
        name=settings.name,
        folder=path,
        method=loaded.method_name,
        metric=queue.metric.name,
        higher_is_better=queue.metric.higher_is_better,
        combinations=queue.total // settings.seeds,
        seeds=settings.seeds,
        done=queue.total - queue.left,
        workers=resources.workers,
        threads=resources.threads,
        memory=resources.memory,
        epochs=largest.config.epochs,
        best=queue.best(),
        scheduler=scheduler,
    )
