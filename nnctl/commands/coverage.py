"""How many targets the intervals of `nnctl eval --interval` cover, and how wide they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.tally import collected
from nnctl.model.conformal import Intervals


def coverage(intervals: Intervals, tally: NDArray[Any], names: Sequence[str]) -> dict[str, Any]:
    """What the report has of intervals; means over the rows, each as much as it weighs, NaN where there are none.

    tally: of ROWS, in the targets' own units. names: of the targets.
    """
    outputs, targets, weights = collected(tally)
    low, high = intervals.around(outputs)
    found = _means(intervals.covered(outputs, targets), weights), _means(high - low, weights)
    return {
        "level": intervals.level,
        "targets": [
            {"target": name, "coverage": covered, "mean_width": width}
            for name, covered, width in zip(names, *found, strict=True)
        ],
    }


def _means(values: NDArray[Any], weights: NDArray[Any]) -> list[float]:
    """Of each column. values: (N, K)."""
    if not len(values):
        return [float("nan")] * values.shape[1]
    means: list[float] = ((values * weights[:, np.newaxis]).sum(axis=0) / weights.sum()).tolist()
    return means
