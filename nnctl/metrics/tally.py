"""What metrics are computed from: counts, sums, or all rows, in float64 arrays that are added to batch by batch.

They are all that an epoch knows of its past batches, so a run that is interrupted within an epoch saves them
and goes on to the same numbers. A metric that needs sums of its own has a tally of its own in its file. Where rows have
weights, a count is the sum of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Sizes:
    """What the shapes of tallies follow from.

    outputs: the network's. classes: how many the targets have, 2 for binary ones. targets: their columns, 1 for
    classes. rows: how many will be added at most, samples or their steps.
    """

    outputs: int
    classes: int
    targets: int
    rows: int


class Tally(ABC):
    """What is counted, summed or collected. Metrics with the same tally share it."""

    name: ClassVar[str]
    """Unlike all others'."""

    @abstractmethod
    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        """Of the array."""

    @abstractmethod
    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        """Add a batch. array: of this tally; outputs: (N, K); targets: classes (N,) int64, or (N, K) binary or values.

        A row is a sample or a step of one; rows without a target (-1, or NaN) do not count.
        weights: (N,) float64, for how many rows each counts; (0,): each for one.
        threshold: an output above it counts as 1, where targets are not classes (0 for logits, 0.5 for probabilities);
        such a target counts as 1 above 0.5. Of two classes the second is predicted where its output is larger by more.
        """

    def zeros(self, sizes: Sizes) -> NDArray[np.float64]:
        """The array of no samples."""
        return np.zeros(self.shape(sizes))


class _Confusion(Tally):
    name = "confusion"

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        return sizes.classes, sizes.classes

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        if targets.ndim == 1:
            kernels.tally.add_confusion(outputs, targets, weights, array, threshold)
        else:
            kernels.tally.add_binary_confusion(outputs, targets, weights, array, threshold)


class _Ranks(Tally):
    name = "ranks"

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        return (sizes.classes,)

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        kernels.tally.add_ranks(outputs, targets, weights, array)


class _Errors(Tally):
    name = "errors"

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        return 6, sizes.outputs

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        kernels.tally.add_errors(outputs, targets, weights, array)


class _LogErrors(Tally):
    name = "log_errors"

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        return 2, sizes.outputs

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        kernels.tally.add_log_errors(outputs, targets, weights, array)


class _Surprisal(Tally):
    name = "surprisal"

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        return (2,)

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        if targets.ndim == 1:
            kernels.tally.add_surprisal(outputs, targets, weights, array)
        else:
            kernels.tally.add_binary_surprisal(outputs, targets, weights, array)


class _Rows(Tally):
    name = "rows"

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        return 1 + sizes.rows, sizes.outputs + sizes.targets + 1

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        if targets.ndim == 1:
            kernels.tally.add_class_rows(outputs, targets, weights, array)
        else:
            kernels.tally.add_rows(outputs, targets, weights, array)


CONFUSION: Tally = _Confusion()
"""(classes, classes), rows the targets, columns the predictions."""
RANKS: Tally = _Ranks()
"""(classes,), how many samples had their class at the r-th largest output; equal outputs count as larger."""
ERRORS: Tally = _Errors()
"""(6, outputs), with e = output - target: the sums of 1, |e| and e^2, the mean of the targets, the sum of their squared
distances from it, and the sum of e."""
LOG_ERRORS: Tally = _LogErrors()
"""(2, outputs), the sums of 1 and e^2, with e = log(1 + output) - log(1 + target)."""
SURPRISAL: Tally = _Surprisal()
"""(2,), how many targets there are, and the sum of -log of their probability; outputs are logits."""
ROWS: Tally = _Rows()
"""(1 + rows, outputs + targets + 1), every row with a target and its weight, for metrics that need all of them at once.
The first one is none of them: it has their number, and 1 where targets are class numbers. `collected` takes it apart.
"""


def collected(tally: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Outputs (N, K), targets, classes (N,) or (N, K), and weights (N,) of the array of ROWS. No weight is 0."""
    count, has_classes = (int(number) for number in tally[0, :2])
    rows, weights = tally[1 : 1 + count, :-1], tally[1 : 1 + count, -1]
    if has_classes:
        return rows[:, :-1], rows[:, -1], weights
    width = rows.shape[1] // 2
    return rows[:, :width], rows[:, width:], weights
