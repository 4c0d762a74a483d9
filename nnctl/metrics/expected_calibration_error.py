"""Expected calibration error."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.probabilities import sigmoid, softmax
from nnctl.metrics.tally import ROWS, Tally, collected

BINS = 15


class ExpectedCalibrationError(Metric):
    """How far the probability of the predicted class is from how often it is right: 0.1 is ten points of a hundred.

    The predictions are sorted into 15 bins by that probability, (0, 1/15], (1/15, 2/15], …; it is the mean of |mean
    probability - accuracy| over the bins, each by how many predictions it has. Of binary targets the predicted class is
    1 or 0, and all outputs are taken together; of two classes and binary targets it is the one above 0.5, whatever the
    `threshold`. Source: Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning"; Guo et
    al. 2017, "On calibration of modern neural networks", equation 3.
    """

    type: Literal["expected_calibration_error"] = "expected_calibration_error"
    tally: ClassVar[Tally] = ROWS
    fits: ClassVar[tuple[str, ...]] = ("classes", "binary")
    higher_is_better: ClassVar[bool] = False
    needs_probabilities: ClassVar[bool] = True

    def compute(self, tally: NDArray[Any]) -> float:
        return calibration_error(*collected(tally))


def calibration_error(outputs: NDArray[Any], targets: NDArray[Any], weights: NDArray[Any]) -> float:
    """As the metric says; NaN where there are no rows, or outputs are no numbers.

    outputs: logits, (N, K). targets: classes (N,), or (N, K) of 0 and 1. weights: (N,), how much each row counts.
    """
    if not len(outputs) or not np.isfinite(outputs).all():
        return float("nan")
    if targets.ndim == 1:
        probabilities = softmax(outputs).max(axis=1)
        right = outputs.argmax(axis=1) == targets
    else:
        probabilities = sigmoid(np.abs(outputs)).ravel()
        right = ((outputs > 0) == (targets > 0.5)).ravel()
        weights = np.repeat(weights, outputs.shape[1])
    edges = np.arange(1, BINS) / BINS
    gaps = np.bincount(np.searchsorted(edges, probabilities), weights * (probabilities - right), BINS)
    return float(np.abs(gaps).sum() / weights.sum())
