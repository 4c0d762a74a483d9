"""Root mean squared error."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import ERRORS, Tally


class RMSE(Metric):
    """sqrt(mean of (output - target)^2 over the samples), the mean over the outputs."""

    type: Literal["rmse"] = "rmse"
    tally: ClassVar[Tally] = ERRORS
    fits: ClassVar[tuple[str, ...]] = ("binary", "values")
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        samples, squared = tally[0], tally[2]
        return float(np.mean(np.sqrt(squared / samples))) if samples.all() else float("nan")
