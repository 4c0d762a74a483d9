"""`nnctl train --find-batch-size` as a function."""

from __future__ import annotations

from dataclasses import asdict
from time import perf_counter
from typing import Any

from nnctl import __version__
from nnctl.config.load import LoadedConfig
from nnctl.data.progress import tell
from nnctl.kernels.compiler.progress import CompileWatch
from nnctl.kernels.runtime.workers import set_threads
from nnctl.model.preparation import prepare
from nnctl.training.batch_size_finder import find_batch_size as find
from nnctl.training.observers.observer import Observers


def find_batch_size(loaded: LoadedConfig, threads: int | None, observer: Observers, began: float) -> dict[str, Any]:
    """What `--json` prints: the batch size, and the speed and memory of all that were tried. No run folder is made.

    Raises ConfigError and DataError.
    """
    prepared = prepare(loaded)
    for note in prepared.notes:
        observer.note(note)
    set_threads(threads)
    with CompileWatch(observer.compiling):
        found = find(prepared, lambda done, total: tell("batch sizes", done, total))
    observer.note(f"no larger batch was tried: {found.limit}")
    observer.note("a learning rate is for one batch size: with another one, find it anew with --find-lr")
    observer.note("speeds are measured, and vary from time to time with what else runs on this machine")
    return {
        "batch_size": found.batch_size,
        "sizes": [asdict(size) for size in found.sizes],
        "seconds": round(perf_counter() - began, 3),
        "notes": list(observer.notes),
        "version": __version__,
    }
