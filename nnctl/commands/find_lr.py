"""`nnctl train --find-lr` as a function."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from nnctl import __version__
from nnctl.config.load import LoadedConfig
from nnctl.data.progress import tell
from nnctl.kernels.compiler.progress import CompileWatch
from nnctl.kernels.runtime.workers import set_threads
from nnctl.model.preparation import prepare
from nnctl.training.learning_rate_finder import find_learning_rate
from nnctl.training.observers.observer import Observers


def find_lr(loaded: LoadedConfig, threads: int | None, observer: Observers, began: float) -> dict[str, Any]:
    """What `--json` prints: the learning rate, and the curve that it was read off. No run folder is made.

    Raises as `find_learning_rate`, ConfigError and DataError.
    """
    prepared = prepare(loaded)
    for note in prepared.notes:
        observer.note(note)
    set_threads(threads)
    with CompileWatch(observer.compiling):
        found = find_learning_rate(prepared, lambda done, total: tell("learning rates", done, total))
    for note in found.notes:
        observer.note(note)
    return {
        "learning_rate": found.learning_rate,
        "start": found.start,
        "curve": [{"learning_rate": rate, "loss": loss} for rate, loss in found.curve.items()],
        "steps": found.steps,
        "samples": found.samples,
        "epochs": found.epochs,
        "seconds": round(perf_counter() - began, 3),
        "notes": list(observer.notes),
        "version": __version__,
    }
