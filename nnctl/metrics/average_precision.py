"""Average precision, the area under the curve of precision over recall."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.ranking import curve, mean_over_classes
from nnctl.metrics.tally import ROWS, Tally


class AveragePrecision(Metric):
    """The precision at each score, weighted by how much recall it adds.

    Of two classes that of the second, of more the plain mean of each against the others, of binary targets that of each
    output. Chance is the share of the class, 1 is perfect. A class that no sample is of is left out; NaN where none is
    left. Source: Zhu 2004, "Recall, precision and average precision".
    """

    type: Literal["average_precision"] = "average_precision"
    tally: ClassVar[Tally] = ROWS
    fits: ClassVar[tuple[str, ...]] = ("classes", "binary")

    def compute(self, tally: NDArray[Any]) -> float:
        return mean_over_classes(tally, _area)


def _area(scores: NDArray[Any], positive: NDArray[Any], weights: NDArray[Any]) -> float:
    _, hits, others = curve(scores, positive, weights)
    if not len(hits) or not hits[-1]:
        return float("nan")
    return float(np.sum(np.diff(hits, prepend=0.0) * hits / (hits + others)) / hits[-1])
