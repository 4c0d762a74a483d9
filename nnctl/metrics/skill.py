"""How much better than the naive forecast of a series."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import ERRORS, Tally


class Skill(Metric):
    """1 - rmse / rmse of the last value that is known, of the very samples that are measured, for series of values.

    1 is perfect, 0 as good as the last value; NaN where that is never wrong. Source: Murphy 1988, "Skill scores based
    on the mean square error", with persistence for reference, and without the square.
    """

    type: Literal["skill"] = "skill"
    tally: ClassVar[Tally] = ERRORS
    fits: ClassVar[tuple[str, ...]] = ("values",)
    needs_naive_forecasts: ClassVar[bool] = True
    _last_value: float = PrivateAttr(default=float("nan"))

    def beside(self, last_value: float) -> Self:
        made = self.model_copy()
        made._last_value = last_value
        return made

    def compute(self, tally: NDArray[Any]) -> float:
        samples, squared = tally[0], tally[2]
        if not samples.all() or not self._last_value > 0:
            return float("nan")
        return float(1 - np.mean(np.sqrt(squared / samples)) / self._last_value)
