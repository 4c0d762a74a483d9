"""Runs one trial where a worker is: the function that engines call there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from nnctl.config.document import Document
from nnctl.config.load import LoadedConfig, config_from_json
from nnctl.data.dataset import Dataset
from nnctl.errors import NnctlError, StorageError
from nnctl.files import to_json, write_atomically
from nnctl.model.preparation import Prepared, data_key, open_data, prepare_with
from nnctl.spec import kinds
from nnctl.sweeps.engines.engine import Ended, How, Task
from nnctl.sweeps.pruners.pruner import Judge, Pruner
from nnctl.training.observer import Observer, Row
from nnctl.training.run import train_in
from nnctl.training.run_folder import LockedError, RunFolder
from nnctl.training.run_record import read_result, read_rows, status_of
from nnctl.training.stop_signal import Stop

_one_at_a_time = threading.Lock()  # threads of one process share the kernels' team
_data: dict[str, Dataset] = {}  # of the last trial, which the next one will most often want again


def new_task(config: dict[str, Any], threads: int | None = None, prune: dict[str, Any] | None = None) -> Task:
    """What `run_trial` needs. config: a resolved one, as JSON. prune: what `pruning` gives."""
    return {"config": config, "threads": threads, "prune": prune}


def pruning(pruner: Pruner, metric: str, higher: bool, earlier: Sequence[Sequence[float]]) -> dict[str, Any]:
    """What tells a trial when to stop early. metric: the key of a row of metrics.jsonl. earlier: curves."""
    settings = pruner.model_dump(mode="json")
    return {"pruner": settings, "metric": metric, "higher": higher, "earlier": [list(curve) for curve in earlier]}


def run_trial(folder: Path, task: Task, stop: Stop) -> Ended:
    """Train, or go on training, in this folder until the run has ended or somebody asks to stop.

    An error of the run becomes its result.json.
    """
    with _one_at_a_time:
        try:
            return Ended(folder, _trained(folder, task, stop))
        except LockedError:
            return Ended(folder, "busy")
        except NnctlError as error:
            report = {"error": error.to_json()}
            with contextlib.suppress(StorageError):  # the error itself is told all the same
                write_atomically(folder / "result.json", (to_json(report, indent=2) + "\n").encode())
            return Ended(folder, "failed", report["error"])


def _trained(folder: Path, task: Task, stop: Stop) -> How:
    began = perf_counter()
    config = config_from_json(task["config"])
    loaded = LoadedConfig(config, Document("the trial's config", task["config"]))
    run = RunFolder(folder)  # locked before it is looked at
    done = status_of(read_result(folder))
    if done in ("finished", "early", "pruned"):
        run.close()
        return "pruned" if done == "pruned" else "finished"
    try:
        prepared = _prepared(loaded)
    except BaseException:
        run.close()
        raise
    watcher = _Pruning(stop, task["prune"], config.epochs) if task["prune"] else Observer()
    stopped = train_in(run, prepared, stop, task["threads"], watcher, began, resume=True).report["stopped"]
    return {"signal": "stopped", "pruned": "pruned"}.get(stopped, "finished")  # type: ignore[return-value]


def _prepared(loaded: LoadedConfig) -> Prepared:
    key = data_key(loaded.config)
    if key not in _data:
        _data.clear()  # before the other is read
        _data[key] = open_data(loaded)
    return prepare_with(loaded, _data[key])


class _Pruning(Observer):
    """Asks the run to stop where the pruner says so, after each epoch and before the first of a resumed run."""

    def __init__(self, stop: Stop, prune: dict[str, Any], epochs: int) -> None:
        settings = dict(prune["pruner"])
        pruner = kinds(Pruner)[settings["type"]].model_validate(settings)
        self._judge: Judge = pruner.judge(prune["earlier"], epochs, prune["higher"])
        self._metric: str = prune["metric"]
        self._stop = stop
        self._curve: list[float] = []

    def started(self, prepared: Prepared, folder: Path, epoch: int) -> None:
        self._curve = [_number(row[self._metric]) for row in read_rows(folder)]
        self._look()

    def finished_epoch(self, row: Row, best: bool) -> None:
        self._curve.append(_number(row[self._metric]))
        self._look()

    def _look(self) -> None:
        if self._curve and self._stop.asked is None and self._judge(self._curve):
            self._stop.asked = "pruned"


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
