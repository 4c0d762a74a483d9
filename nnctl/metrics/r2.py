"""The coefficient of determination."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import ERRORS, Tally


class R2(Metric):
    """1 - squared errors / squared distances of the targets from their mean; the mean over the outputs.

    1 is perfect, 0 is as good as the mean. NaN where a target is constant.
    """

    type: Literal["r2"] = "r2"
    tally: ClassVar[Tally] = ERRORS
    fits: ClassVar[tuple[str, ...]] = ("binary", "values")

    def compute(self, tally: NDArray[Any]) -> float:
        squared, spread = tally[2], tally[4]
        return float(np.mean(1.0 - squared / spread)) if spread.all() else float("nan")
