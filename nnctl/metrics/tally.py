"""Running counts and sums from which metrics are computed: small float64 arrays, added to batch by batch.

They are all that an epoch knows of its past batches, so a run that is interrupted within an epoch saves them
and goes on to the same numbers. A metric that needs sums of its own has a tally of its own in its file. Where rows have
weights, a count is the sum of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Tally(ABC):
    """What is counted and summed. Metrics with the same tally share it."""

    name: ClassVar[str]
    """Unlike all others'."""

    @abstractmethod
    def shape(self, outputs: int, classes: int) -> tuple[int, ...]:
        """Of the array. outputs: the network's; classes: how many the targets have (2 for binary targets)."""

    @abstractmethod
    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        """Add a batch. array: of this tally; outputs: (N, K); targets: classes (N,) int64, or (N, K) binary or values.

        A row is a sample or a step of one; rows without a target (-1, or NaN) do not count.
        weights: (N,) float64, for how many rows each counts; (0,): each for one.
        threshold: an output above it counts as 1, where targets are not classes (0 for logits, 0.5 for probabilities);
        such a target counts as 1 above 0.5.
        """

    def zeros(self, outputs: int, classes: int) -> NDArray[np.float64]:
        """The array of no samples."""
        return np.zeros(self.shape(outputs, classes))


class _Confusion(Tally):
    name = "confusion"

    def shape(self, outputs: int, classes: int) -> tuple[int, ...]:
        return classes, classes

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        if targets.ndim == 1:
            kernels.tally.add_confusion(outputs, targets, weights, array)
        else:
            kernels.tally.add_binary_confusion(outputs, targets, weights, array, threshold)


class _Ranks(Tally):
    name = "ranks"

    def shape(self, outputs: int, classes: int) -> tuple[int, ...]:
        return (classes,)

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        kernels.tally.add_ranks(outputs, targets, weights, array)


class _Errors(Tally):
    name = "errors"

    def shape(self, outputs: int, classes: int) -> tuple[int, ...]:
        return 6, outputs

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        kernels.tally.add_errors(outputs, targets, weights, array)


class _LogErrors(Tally):
    name = "log_errors"

    def shape(self, outputs: int, classes: int) -> tuple[int, ...]:
        return 2, outputs

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        kernels.tally.add_log_errors(outputs, targets, weights, array)


CONFUSION: Tally = _Confusion()
"""(classes, classes), rows the targets, columns the predictions."""
RANKS: Tally = _Ranks()
"""(classes,), how many samples had their class at the r-th largest output; equal outputs count as larger."""
ERRORS: Tally = _Errors()
"""(6, outputs), with e = output - target: the sums of 1, |e| and e^2, the mean of the targets, the sum of their squared
distances from it, and the sum of e."""
LOG_ERRORS: Tally = _LogErrors()
"""(2, outputs), the sums of 1 and e^2, with e = log(1 + output) - log(1 + target)."""
