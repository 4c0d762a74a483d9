"""Recall."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from nnctl.metrics.by_class import macro
from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import CONFUSION, Tally


class Recall(Metric):
    """Of the samples of a class, the fraction that is found; the plain mean over the classes.

    Classes that neither occur nor are predicted are left out. For binary targets the classes are 0 and 1.
    """

    type: Literal["recall"] = "recall"
    tally: ClassVar[Tally] = CONFUSION

    def compute(self, tally: NDArray[Any]) -> float:
        return macro(tally, "recall")
