"""Whether kernels run when they are called, or are recorded to run later, step after step, without Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Steps = NDArray[np.int64]


class StepArgument:
    """A number that a recorded kernel gets anew in every step. dtype: int64, float64 or uint64.

    values: from the epoch (from 1) and the steps (from 0 over the whole run), a value for each step.
    """

    def __init__(self, dtype: str, values: Callable[[int, Steps], Sequence[Any] | NDArray[Any]]) -> None:
        self.dtype = dtype
        self.values = values


class Recorder(Protocol):
    """Takes calls of kernels in their order."""

    def add(self, call: Any) -> None: ...


_recorders: list[Recorder] = []


@contextmanager
def recording_to(recorder: Recorder) -> Iterator[None]:
    """While entered, kernels that are called do not run but are added to the recorder."""
    _recorders.append(recorder)
    try:
        yield
    finally:
        _recorders.pop()


def recorder() -> Recorder | None:
    """Who takes the calls of kernels now; None where they run at once."""
    return _recorders[-1] if _recorders else None
