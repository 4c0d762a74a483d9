"""Perplexity."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import SURPRISAL, Tally


class Perplexity(Metric):
    """exp of the mean cross-entropy: among how many classes, all alike, a choice would be as hard. 1 is perfect.

    Outputs are logits. A label_smoothing of the loss is no part of it.
    """

    type: Literal["perplexity"] = "perplexity"
    tally: ClassVar[Tally] = SURPRISAL
    fits: ClassVar[tuple[str, ...]] = ("classes",)
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        count, total = tally.tolist()
        if not count:
            return float("nan")
        with np.errstate(over="ignore"):
            return float(np.exp(np.float64(total / count)))
