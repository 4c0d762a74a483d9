"""`nnctl train` as a function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from nnctl.config.load import load_config
from nnctl.kernels.compiler.cache import asked_threads
from nnctl.model.preparation import prepare
from nnctl.training.observer import Observer
from nnctl.training.run import TrainResult, train_in
from nnctl.training.run_folder import existing_run_folder, new_run_folder
from nnctl.training.stop_signal import StopSignal


def train(
    config: str | Path,
    overrides: Sequence[str] = (),
    *,
    run: Path | None = None,
    resume: bool = False,
    threads: int | None = None,
    observer: Observer | None = None,
) -> TrainResult:
    """Train the network that a config describes, and write its run folder.

    overrides: `KEY=VALUE` texts. run: the run folder, else `runs/<name>`. resume: continue the run there.
    Raises ConfigError, DataError, CheckpointError, DivergedError, StorageError, UsageError.
    """
    began = perf_counter()
    asked_threads()  # numba, where it would fail, is imported later
    observer = observer or Observer()
    with StopSignal() as stop:
        prepared = prepare(load_config(config, overrides))
        for note in prepared.notes:
            observer.note(note)
        name = prepared.config.name
        folder = existing_run_folder(name, run) if resume else new_run_folder(name, run)
        return train_in(folder, prepared, stop, threads, observer, began, resume)
