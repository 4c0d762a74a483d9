"""Accuracy."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import CONFUSION, Tally


class Accuracy(Metric):
    """The fraction of samples whose class is predicted; of all outputs where targets are binary."""

    type: Literal["accuracy"] = "accuracy"
    tally: ClassVar[Tally] = CONFUSION

    def compute(self, tally: NDArray[Any]) -> float:
        return float(np.trace(tally) / tally.sum()) if tally.sum() else float("nan")
