"""Mean absolute error."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import ERRORS, Tally


class MAE(Metric):
    """|output - target|, the mean over the samples and the outputs."""

    type: Literal["mae"] = "mae"
    tally: ClassVar[Tally] = ERRORS
    fits: ClassVar[tuple[str, ...]] = ("binary", "values")
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        samples, absolute = tally[0], tally[1]
        return float(np.mean(absolute / samples)) if samples.all() else float("nan")
