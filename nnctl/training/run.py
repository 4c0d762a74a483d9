"""A run, from its folder to its report: what `nnctl train`, its folds and a sweep's trials share."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from nnctl import __version__
from nnctl.config.load import dump_config
from nnctl.metrics.measured import VALIDATION
from nnctl.model.description import checkpoint_errors
from nnctl.model.preparation import Prepared
from nnctl.training.decision import decision_notes
from nnctl.training.measured_share import reduction_notes
from nnctl.training.metrics_file import Row, read_rows
from nnctl.training.network_change import notes_on_growth
from nnctl.training.observers.observer import Observers, Run
from nnctl.training.result_file import write_result
from nnctl.training.resumption import resumption
from nnctl.training.run_folder import RunFolder
from nnctl.training.state import State
from nnctl.training.stop_signal import Stop, Stopped, StopSignal


@dataclass(frozen=True)
class TrainResult:
    """How a run ended. report: what `--json` prints. signal: the number of the signal that ended it, if one did.

    nothing_to_do: it had ended before, and nothing was written; the report is that of then.
    """

    report: dict[str, Any]
    signal: int | None = None
    nothing_to_do: bool = False


def train_in(
    folder: RunFolder,
    prepared: Prepared,
    stop: Stop,
    threads: int | None,
    observer: Observers,
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
    observer: Observers,
    began: float,
    resume: bool,
) -> TrainResult:
    resumed = resumption(folder, prepared) if resume else None
    if resumed is not None:
        for note in resumed.notes:
            observer.note(note)
        if resumed.result is not None:
            report = resumed.result | _paths(folder) | {"notes": list(observer.notes)}
            return TrainResult(report, nothing_to_do=True)
    from nnctl.kernels.compiler.progress import CompileWatch
    from nnctl.kernels.runtime.workers import set_threads
    from nnctl.training.trainer import Trainer
    from nnctl.training.whole_run import run_to_the_end

    set_threads(threads)
    folder.write_text("config.yaml", dump_config(prepared.config, folder.home))
    if resumed is None:
        trainer = Trainer(prepared, folder, observer)
    else:
        prepared = resumed.prepared
        trainer = Trainer(prepared, folder, observer, resumed.rows)
        with checkpoint_errors(folder.last):
            trainer.state.restore(resumed.checkpoint)
        trainer.state.early = resumed.early
        trainer.measured = resumed.measured
    folder.keep_rows_until(trainer.state.counters.epoch)
    observer.started(Run(prepared, folder.path, folder.home, trainer.state.counters.epoch, trainer.state.network))
    with CompileWatch(observer.compiling) as watch:
        trainer.warm_up()
        if watch.count:
            observer.compiled(watch.count, watch.seconds)
        training_began = perf_counter()
        trainer, stopped = run_to_the_end(trainer, stop)
    prepared = trainer.prepared
    training_seconds = perf_counter() - training_began
    rows = read_rows(folder.path)
    best = next((row for row in rows if row["epoch"] == trainer.state.best.epoch), {})
    if stopped != "signal":
        for note in (
            *decision_notes(prepared, best),
            *reduction_notes(prepared.config, rows),
            *notes_on_growth(trainer.state.history),
        ):
            observer.note(note)
    found = () if stopped == "signal" else trainer.diagnostics.verdict(stopped)
    report = _report(folder, prepared, stopped, trainer.state, rows, best) | {
        "seconds": {
            "total": round(perf_counter() - began, 3),
            "train": round(training_seconds, 3),
            "compile": round(watch.seconds, 3),
        },
        "samples_per_second": round(trainer.samples / max(training_seconds, 1e-9), 1),
        "parameters": prepared.plan.parameters,
        "trainable": prepared.plan.trainable,
        "changes": trainer.state.history.changes,
        "diagnoses": [finding.to_json() for finding in found],
        "notes": list(observer.notes),
        "version": __version__,
    }
    write_result(folder.path, report)
    return TrainResult(report, stop.number if isinstance(stop, StopSignal) else None)


def _paths(folder: RunFolder) -> dict[str, Any]:
    return {"run": str(folder.path), "checkpoint": str(folder.best) if folder.best.exists() else None}


def _report(
    folder: RunFolder, prepared: Prepared, stopped: Stopped, state: State, rows: list[Row], best: Row
) -> dict[str, Any]:
    return _paths(folder) | {
        "epochs": rows[-1]["epoch"] if rows else 0,
        "best_epoch": state.best.epoch,
        "steps": state.counters.step,
        "stopped": stopped,
        "metrics": _measured(best, prepared),
    }


def _measured(row: Row, prepared: Prepared) -> dict[str, float | None]:
    """The best epoch's losses and metrics, which are those of the checkpoint."""
    names = ["loss", *(metric.name for metric in prepared.config.metrics)]
    return {key: row[key] for name in names for key in (name, f"{VALIDATION}{name}") if key in row}
