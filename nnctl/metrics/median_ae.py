"""Median absolute error."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import ROWS, Tally, collected


class MedianAE(Metric):
    """The median of |output - target| over the samples, the mean over the outputs: large errors do not move it.

    With weights it is the error that those below it and those above it weigh no more than half beside, or the middle of
    two such errors. Source: Hyndman and Fan 1996, "Sample quantiles in statistical packages", definition 2.
    """

    type: Literal["median_ae"] = "median_ae"
    tally: ClassVar[Tally] = ROWS
    fits: ClassVar[tuple[str, ...]] = ("binary", "values")
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        outputs, targets, weights = collected(tally)
        if not len(outputs):
            return float("nan")
        return float(np.mean([_median(errors, weights) for errors in np.abs(outputs - targets).T]))


def _median(values: NDArray[Any], weights: NDArray[Any]) -> float:
    """NaN if one of the values is. values, weights: (N,)."""
    order = np.argsort(values, kind="stable")
    if np.isnan(values[order[-1]]):
        return float("nan")
    reached = np.cumsum(weights[order])
    half, rounding = reached[-1] / 2, reached[-1] * len(values) * np.finfo(np.float64).eps
    lower, upper = order[
        [np.searchsorted(reached, half - rounding), np.searchsorted(reached, half + rounding, "right")]
    ]
    return float((values[lower] + values[upper]) / 2)
