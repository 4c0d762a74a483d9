"""Median absolute error."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import ROWS, Tally, collected


class MedianAE(Metric):
    """The median of |output - target| over the samples, the mean over the outputs: large errors do not move it."""

    type: Literal["median_ae"] = "median_ae"
    tally: ClassVar[Tally] = ROWS
    fits: ClassVar[tuple[str, ...]] = ("binary", "values")
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        outputs, targets = collected(tally)
        return float(np.mean(np.median(np.abs(outputs - targets), axis=0))) if len(outputs) else float("nan")
