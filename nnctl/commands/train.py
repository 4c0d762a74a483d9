"""`nnctl train` as a function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from nnctl.config.load import load_config
from nnctl.errors import UsageError
from nnctl.kernels.compiler import level
from nnctl.kernels.compiler.cache import asked_threads
from nnctl.model.preparation import prepare
from nnctl.text import listed
from nnctl.training.compiling import cache_notes_in
from nnctl.training.observers.observer import Observer, all_observers, notes_in_errors
from nnctl.training.run import TrainResult, train_in
from nnctl.training.run_folder import existing_run_folder, existing_run_path, goes_on, new_run_folder
from nnctl.training.stop_signal import StopSignal


def train(
    config: str | Path,
    overrides: Sequence[str] = (),
    *,
    run: str | Path | None = None,
    folds: int | None = None,
    group: str | None = None,
    resume: bool = False,
    find_lr: bool = False,
    find_batch_size: bool = False,
    threads: int | None = None,
    device: str | None = None,
    observers: Sequence[Observer] = (),
) -> TrainResult:
    """Train the network that a config describes, and write its run folder.

    overrides: `KEY=VALUE` texts.
    run: the run folder, else `runs/<name>`.
    folds: cross-validate: train once for each of so many folds, at least 2, as `train_folds` says.
    group: with folds, a column of the table: rows that have one value of it are in one fold.
    resume: continue the run there.
    find_lr, find_batch_size: make no run, but find a learning rate or a batch size for it, as the functions of these
    names say; the result's report has it.
    device: `cpu` or `cuda`, else the config's.
    observers: receive the events of the run in their order; of each fold, one after the other.
    Raises ConfigError, DataError, CheckpointError, DivergedError, StorageError, UsageError.
    """
    began = perf_counter()
    run = None if run is None else Path(run)
    asked_threads()  # what the environment asks for is refused before anything is written
    level.check()
    if group is not None and folds is None:
        help = "add --folds 5, or set aside whole groups in the config: `test: {column: NAME, share: 0.2}`"
        raise UsageError("--group says what folds keep together, and --folds is not there", help=help)
    if find_lr:
        _refuse_with("--find-lr", run=run, resume=resume, folds=folds, find_batch_size=find_batch_size)
    if find_batch_size:
        _refuse_with("--find-batch-size", run=run, resume=resume, folds=folds)
    observer = all_observers(observers)
    loaded = load_config(config, [*overrides, *([f"device={device}"] if device else [])])
    with notes_in_errors(observer.notes), cache_notes_in(observer.notes):
        if find_lr:
            from nnctl.commands.find_lr import find_lr as find

            return TrainResult(find(loaded, threads, observer, began))
        if find_batch_size:
            from nnctl.commands.find_batch_size import find_batch_size as measure

            return TrainResult(measure(loaded, threads, observer, began))
        if folds is not None:
            from nnctl.commands.folds import train_folds

            with StopSignal() as stop:
                return train_folds(loaded, folds, group, run, stop, threads, observer, began, resume)
        name = loaded.config.name
        prepared = prepare(loaded, goes_on=resume and goes_on(existing_run_path(name, run)))
        for note in prepared.notes:
            observer.note(note)
        with StopSignal() as stop:  # from here on there is something to save; before it, a signal ends the process
            folder = existing_run_folder(name, run) if resume else new_run_folder(name, run)
            return train_in(folder, prepared, stop, threads, observer, began, resume)


def _refuse_with(option: str, **others: object) -> None:
    """Raise UsageError for options of a run, next to one that makes none."""
    given = [f"--{name.replace('_', '-')}" for name, value in others.items() if value not in (None, False)]
    if given:
        what = f"{option} makes no run, and {listed(given)} {'is' if len(given) == 1 else 'are'} there"
        raise UsageError(what, help=f"leave {listed(given)} out")
