"""Cross-validation: `nnctl train --folds`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from nnctl import __version__
from nnctl.commands.eval import evaluate
from nnctl.config.load import LoadedConfig
from nnctl.data.splits.groups import group_of, is_grouped
from nnctl.data.splits.split import Fold
from nnctl.errors import ConfigError, Problem, UsageError
from nnctl.model.preparation import prepare
from nnctl.training.observers.observer import Observer, Observers
from nnctl.training.result_file import read_result, status_of, write_result
from nnctl.training.run import TrainResult, train_in
from nnctl.training.run_folder import RunFolder, existing_run_path, fold_path, goes_on, new_run_path
from nnctl.training.stop_signal import StopSignal


def train_folds(
    loaded: LoadedConfig,
    folds: int,
    group: str | None,
    run: Path | None,
    stop: StopSignal,
    threads: int | None,
    observer: Observers,
    began: float,
    resume: bool,
) -> TrainResult:
    """Train once for each of several folds, the samples of which are the test part of that run, and measure it there.

    folds: at least 2.
    group: the column whose rows of one value are in one fold; unset, that of the config's `test`, if any.
    run: the folder of all, else `runs/<name>`; the runs are fold-1, fold-2, … in it.
    began: when the command did, for the time it takes.
    The report has the metrics of each fold's best checkpoint, and by name their mean and their standard deviation over
    the folds (of a sample: ddof=1), both empty where a signal ended it. Raises as `train`.
    """
    if folds < 2:
        raise UsageError(f"--folds is {folds}, at least 2 are needed", help="use --folds 5, or leave it out")
    _refuse_own_test(loaded)
    test = loaded.config.data.test
    if group is None and is_grouped(test):
        group = group_of(test)
    noted: set[str] = set()
    measured: list[dict[str, Any]] = []
    outer = _outer(loaded.config.name, run, resume) if resume else None
    worked = False
    for number in range(1, folds + 1):
        continues = outer is not None and goes_on(fold_path(outer, number))
        prepared = prepare(_of_fold(loaded, Fold(number=number, folds=folds, group=group)), goes_on=continues)
        _note(observer, prepared.notes, noted)
        outer = outer or _outer(loaded.config.name, run, resume)
        path = fold_path(outer, number)
        own = _OfFold(observer, noted)
        own.notes += prepared.notes
        result = train_in(RunFolder(path), prepared, stop, threads, own, perf_counter(), resume)
        del prepared  # before the data is read again
        if result.signal is not None:
            break
        evaluation = evaluate(path, split="test", threads=threads)
        _note(observer, evaluation.notes, noted)
        observer.tested(evaluation.report["metrics"])
        measured.append(
            {"run": str(path)} | {key: evaluation.report[key] for key in ("checkpoint", "samples", "metrics")}
        )
        worked = worked or not result.nothing_to_do
        if stop.number is not None:
            break
    assert outer is not None
    report = _report(outer, measured, len(measured) == folds) | {
        "seconds": round(perf_counter() - began, 3),
        "notes": list(observer.notes),
        "version": __version__,
    }
    if worked or status_of(read_result(outer)) != "finished":
        write_result(outer, report)
    return TrainResult(report, None if len(measured) == folds else stop.number)


def _refuse_own_test(loaded: LoadedConfig) -> None:
    """A share gives way to the folds; samples that were chosen to test on would silently be left out."""
    test = loaded.config.data.test
    if test is not None and not isinstance(test, float) and not is_grouped(test):
        what = "says which samples are for testing, and with --folds each of them is for testing once"
        raise ConfigError(loaded.problem(("data", "test"), what, "leave `test` out, or leave --folds out"))


def _of_fold(loaded: LoadedConfig, fold: Fold) -> LoadedConfig:
    data = loaded.config.data.model_copy(update={"fold": fold, "test": None})
    return replace(loaded, config=loaded.config.model_copy(update={"data": data}))


def _outer(name: str, run: Path | None, resume: bool) -> Path:
    """The folder of all folds."""
    if not resume:
        return new_run_path(name, run)
    path = existing_run_path(name, run)
    if (path / "checkpoints").exists():
        help = "leave --folds out to resume it, or name the folder of the folds with --run"
        raise UsageError(Problem("is a run without folds", str(path), help=help))
    return path


class _OfFold(Observers):
    """The observer of all folds, in one of them: what an earlier one was told is not said again."""

    def __init__(self, observer: Observer, noted: set[str]) -> None:
        super().__init__([observer])
        self._noted = noted

    def note(self, text: str) -> None:
        self.notes.append(text)
        for observer in self._observers:
            _note(observer, [text], self._noted)

    def diagnosed(self, name: str, text: str) -> None:
        self.notes.append(text)
        if name not in self._noted:
            self._noted.add(name)
            for observer in self._observers:
                observer.diagnosed(name, text)


def _note(observer: Observer, notes: Sequence[str], noted: set[str]) -> None:
    """Notes that were not given for a fold before."""
    for note in notes:
        if note not in noted:
            observer.note(note)
            noted.add(note)


def _report(outer: Path, measured: list[dict[str, Any]], finished: bool) -> dict[str, Any]:
    names = measured[0]["metrics"] if finished else ()
    values = {name: np.array([fold["metrics"][name] for fold in measured]) for name in names}
    return {
        "run": str(outer),
        "folds": measured,
        "mean": {name: float(own.mean()) for name, own in values.items()},
        "deviation": {name: float(own.std(ddof=1)) for name, own in values.items()},
        "stopped": "finished" if finished else "signal",
    }
