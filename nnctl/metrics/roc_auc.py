"""The area under the ROC curve."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.ranking import curve, mean_over_classes
from nnctl.metrics.tally import ROWS, Tally


class ROCAUC(Metric):
    """How often a sample of the class has a larger score than one of another class; equal scores count half.

    Of two classes that of the second, of more the plain mean of each against the others, of binary targets that of each
    output. 0.5 is chance, 1 perfect. A class that all samples or none are of is left out; NaN where none is left.
    Source: Hanley and McNeil 1982, "The meaning and use of the area under a receiver operating characteristic curve".
    """

    type: Literal["roc_auc"] = "roc_auc"
    tally: ClassVar[Tally] = ROWS
    fits: ClassVar[tuple[str, ...]] = ("classes", "binary")

    def compute(self, tally: NDArray[Any]) -> float:
        return mean_over_classes(tally, _area)


def _area(scores: NDArray[Any], positive: NDArray[Any], weights: NDArray[Any]) -> float:
    _, hits, others = curve(scores, positive, weights)
    if not len(hits) or not hits[-1] or not others[-1]:
        return float("nan")
    return float(np.trapezoid(np.append(0.0, hits), np.append(0.0, others)) / (hits[-1] * others[-1]))
