"""Root mean squared logarithmic error."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import LOG_ERRORS, Tally


class RMSLE(Metric):
    """sqrt(mean of (log(1 + output) - log(1 + target))^2 over the samples), the mean over the outputs.

    For targets that are never negative; NaN where one is. A negative output counts as 0.
    """

    type: Literal["rmsle"] = "rmsle"
    tally: ClassVar[Tally] = LOG_ERRORS
    fits: ClassVar[tuple[str, ...]] = ("values",)
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        samples, squared = tally
        return float(np.mean(np.sqrt(squared / samples))) if samples.all() else float("nan")
