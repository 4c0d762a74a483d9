"""Mean error."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import ERRORS, Tally


class MeanError(Metric):
    """output - target, the mean over the samples and the outputs: how much too high the outputs are."""

    type: Literal["mean_error"] = "mean_error"
    tally: ClassVar[Tally] = ERRORS
    fits: ClassVar[tuple[str, ...]] = ("values",)
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        samples, errors = tally[0], tally[5]
        return float(np.mean(errors / samples)) if samples.all() else float("nan")
