"""Runs one trial where a worker is: the function that engines call there."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from time import perf_counter
from typing import Any

from nnctl.config.document import Document
from nnctl.config.load import LoadedConfig, config_from_json
from nnctl.data.dataset import Dataset
from nnctl.errors import NnctlError, StorageError
from nnctl.model.preparation import Prepared, data_key, open_data, prepare_with
from nnctl.sweeps.engines.engine import Ended, How, Task
from nnctl.sweeps.pruning import PruningObserver
from nnctl.training.observers.observer import all_observers
from nnctl.training.result_file import read_result, status_of, write_result
from nnctl.training.run import train_in
from nnctl.training.run_folder import LockedError, RunFolder
from nnctl.training.stop_signal import Stop

_one_at_a_time = threading.Lock()  # threads of one process share the kernels' team
_data: dict[str, Dataset] = {}  # of the last trial, which the next one will most often want again


def new_task(config: dict[str, Any], threads: int | None = None, prune: dict[str, Any] | None = None) -> Task:
    """What `run_trial` needs. config: a resolved one, as JSON. prune: what `pruning` gives."""
    return {"config": config, "threads": threads, "prune": prune}


def run_trial(folder: Path, task: Task, stop: Stop, home: Path | None = None) -> Ended:
    """Train, or continue training, in this folder until the run has ended or is asked to stop.

    home: where the folder will be kept; unset, where it is. An error of the run becomes its result.json.
    """
    with _one_at_a_time:
        try:
            return Ended(folder, _trained(folder, task, stop, home))
        except LockedError:
            return Ended(folder, "busy")
        except NnctlError as error:
            with contextlib.suppress(StorageError):  # the error itself is reported all the same
                write_result(folder, {"error": error.to_json()})
            return Ended(folder, "failed", error.to_json())


def _trained(folder: Path, task: Task, stop: Stop, home: Path | None) -> How:
    began = perf_counter()
    config = config_from_json(task["config"])
    loaded = LoadedConfig(config, Document("the trial's config", task["config"]))
    run = RunFolder(folder, home)  # locked before it is looked at
    done = status_of(read_result(folder))
    if done in ("finished", "early", "pruned"):
        run.close()
        return "pruned" if done == "pruned" else "finished"
    try:
        prepared = _prepared(loaded, goes_on=run.last.exists())
    except BaseException:
        run.close()
        raise
    observer = all_observers([PruningObserver(stop, task["prune"], config.epochs)] if task["prune"] else [])
    observer.notes += prepared.notes
    stopped = train_in(run, prepared, stop, task["threads"], observer, began, resume=True).report["stopped"]
    if stopped == "signal":
        return "stopped"
    return "pruned" if stopped == "pruned" else "finished"


def _prepared(loaded: LoadedConfig, *, goes_on: bool) -> Prepared:
    key = data_key(loaded.config)
    if key not in _data:
        _data.clear()  # before the other is read
        _data[key] = open_data(loaded)
    return prepare_with(loaded, _data[key], goes_on=goes_on)
