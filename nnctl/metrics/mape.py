"""Mean absolute percentage error."""

from __future__ import annotations

from types import ModuleType
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import Array, Sizes, Tally


class _RelativeErrors(Tally):
    """(2, outputs), the sums of 1 and |output - target| / |target|."""

    name = "relative_errors"

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        return 2, sizes.outputs

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        kernels.tally.add_relative_errors(outputs, targets, weights, array)


class MAPE(Metric):
    """|output - target| / |target|, the mean over the samples and the outputs: 0.1 is ten per cent.

    As in scikit-learn, a target of 0 counts as 2.2e-16, so that a single one makes the mean enormous.
    """

    type: Literal["mape"] = "mape"
    tally: ClassVar[Tally] = _RelativeErrors()
    fits: ClassVar[tuple[str, ...]] = ("values",)
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        samples, errors = tally
        return float(np.mean(errors / samples)) if samples.all() else float("nan")
