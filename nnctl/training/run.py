"""A run, from its folder to its report: what `nnctl train`, its folds and a sweep's trials share."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from nnctl import __version__
from nnctl.config.load import dump_config
from nnctl.metrics.measured import VALIDATION
from nnctl.model.checkpoint import read_checkpoint
from nnctl.model.description import checkpoint_errors, description_of
from nnctl.model.preparation import Prepared
from nnctl.training.changes import refuse_changes
from nnctl.training.metrics_file import Row, read_rows
from nnctl.training.observers.observer import Observer, Run
from nnctl.training.result_file import write_result
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import Stop, Stopped, StopSignal


@dataclass(frozen=True)
class TrainResult:
    """How a run ended. report: what `--json` prints. signal: the number of the signal that ended it, if one did."""

    report: dict[str, Any]
    signal: int | None = None


def train_in(
    folder: RunFolder,
    prepared: Prepared,
    stop: Stop,
    threads: int | None,
    observer: Observer,
    began: float,
    resume: bool,
) -> TrainResult:
    """Train in this folder, and close it. began: when the command did, for the time it takes. Raises as `train`."""
    try:
        return _train_in(folder, prepared, stop, threads, observer, began, resume)
    finally:
        observer.finished()
        folder.close()


def _train_in(
    folder: RunFolder,
    prepared: Prepared,
    stop: Stop,
    threads: int | None,
    observer: Observer,
    began: float,
    resume: bool,
) -> TrainResult:
    checkpoint = read_checkpoint(folder.last) if resume and folder.last.exists() else None
    if checkpoint is not None:
        description_of(checkpoint, folder.last)
        refuse_changes(checkpoint, prepared, folder.path)
    from nnctl.kernels.compiler.progress import CompileWatch
    from nnctl.kernels.runtime.workers import set_threads
    from nnctl.training.trainer import Trainer

    set_threads(threads)
    folder.write_text("config.yaml", dump_config(prepared.config))
    trainer = Trainer(prepared, folder, observer)
    if checkpoint is not None:
        with checkpoint_errors(folder.last):
            trainer.state.restore(checkpoint)
    folder.keep_rows_until(trainer.state.counters.epoch)
    before = trainer.state.counters.step
    observer.started(Run(prepared, folder.path, trainer.state.counters.epoch, trainer.state.network))
    with CompileWatch(observer.compiling) as watch:
        trainer.warm_up()
        if watch.count:
            observer.compiled(watch.count, watch.seconds)
        training_began = perf_counter()
        stopped = trainer.run(stop)
    training_seconds = perf_counter() - training_began
    steps = trainer.state.counters.step
    if checkpoint is not None and steps == before and stopped != "signal":
        observer.note(f"nothing to do: {folder.path} is finished after epoch {trainer.state.counters.epoch}")
    report = _report(folder, prepared, stopped, trainer.state.best.epoch, steps) | {
        "seconds": {
            "total": round(perf_counter() - began, 3),
            "train": round(training_seconds, 3),
            "compile": round(watch.seconds, 3),
        },
        "samples_per_second": round((steps - before) * prepared.config.batch_size / max(training_seconds, 1e-9), 1),
        "parameters": prepared.plan.parameters,
        "version": __version__,
    }
    write_result(folder.path, report)
    return TrainResult(report, stop.number if isinstance(stop, StopSignal) else None)


def _report(folder: RunFolder, prepared: Prepared, stopped: Stopped, best: int, steps: int) -> dict[str, Any]:
    rows = read_rows(folder.path)
    return {
        "run": str(folder.path),
        "checkpoint": str(folder.best) if folder.best.exists() else None,
        "epochs": rows[-1]["epoch"] if rows else 0,
        "best_epoch": best,
        "steps": steps,
        "stopped": stopped,
        "metrics": _measured(next((row for row in rows if row["epoch"] == best), {}), prepared),
    }


def _measured(row: Row, prepared: Prepared) -> dict[str, float | None]:
    """The best epoch's losses and metrics, which are those of the checkpoint."""
    names = ["loss", *(metric.name for metric in prepared.config.metrics)]
    return {key: row[key] for name in names for key in (name, f"{VALIDATION}{name}") if key in row}
