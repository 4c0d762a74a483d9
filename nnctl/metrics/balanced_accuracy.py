"""Balanced accuracy."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.by_class import by_class
from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import CONFUSION, Tally


class BalancedAccuracy(Metric):
    """The fraction of a class's samples that are predicted as it, the plain mean over the classes that occur.

    A rare class counts as much as a frequent one: who never predicts one of two has 0.5. For binary targets the classes
    are 0 and 1. Source: Brodersen et al. 2010, "The balanced accuracy and its posterior distribution".
    """

    type: Literal["balanced_accuracy"] = "balanced_accuracy"
    tally: ClassVar[Tally] = CONFUSION

    def compute(self, tally: NDArray[Any]) -> float:
        recalls = [scores.recall for scores in by_class(tally) if scores.samples]
        return float(np.mean(recalls)) if recalls else float("nan")
