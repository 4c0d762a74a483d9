"""The temperature that calibrates probabilities: logits are divided by it, and no prediction changes.

Source: Guo et al. 2017, "On calibration of modern neural networks", section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.expected_calibration_error import calibration_error
from nnctl.metrics.probabilities import sigmoid, softmax
from nnctl.metrics.tally import collected

Array = NDArray[Any]

LEAST, LARGEST = 0.01, 100.0
MOST_STEPS = 100  # of Newton's method; bisection alone takes some 60 for every bit
TOLERANCE = 1e-10  # relative; rounding of the slope is below it
CHANCE = 3.84  # that of twenty calibrated networks one reaches: the 95th percentile of chi-squared, one degree


@dataclass(frozen=True)
class Calibration:
    """temperature: 1 where none can be found. log_loss and calibration_error: without it, and with it. count: of
    the probabilities that are right or wrong, by their weights.
    """

    temperature: float
    log_loss: tuple[float, float]
    calibration_error: tuple[float, float]
    count: float
    all_right: bool
    """Whether every row has its class predicted, so that the log loss falls with the temperature down to 0."""

    @property
    def is_by_chance(self) -> bool:
        """Whether the log loss falls no more than for many a network that is calibrated already.

        Source: Wilks 1938, "The large-sample distribution of the likelihood ratio".
        """
        return 2 * self.count * (self.log_loss[0] - self.log_loss[1]) < CHANCE


def calibration(tally: Array) -> Calibration:
    """The temperature from 0.01 to 100 for which the log loss of the rows is least, in float64.

    tally: of ROWS, with logits. Where there are no rows, where outputs are no numbers, or where no row is predicted
    wrong, no temperature is the best of all, and it is 1.
    """
    outputs, targets, weights = collected(tally)
    if not len(outputs) or not np.isfinite(outputs).all():
        nothing = float("nan"), float("nan")
        return Calibration(1.0, nothing, nothing, 0.0, all_right=False)
    rows = _Classes(outputs, targets, weights) if targets.ndim == 1 else _Binary(outputs, targets, weights)
    all_right = rows.all_right()
    factor = 1.0 if all_right else _best_factor(rows)
    errors = (calibration_error(outputs, targets, weights), calibration_error(outputs * factor, targets, weights))
    return Calibration(1 / factor, (rows.log_loss(1.0), rows.log_loss(factor)), errors, rows.count, all_right)


def _best_factor(rows: _Classes | _Binary) -> float:
    """1 / temperature. The log loss is convex in it, so its slope rises: Newton's method between two ends that close.

    An end is the answer where the slope has one sign throughout.
    """
    low, high = 1 / LARGEST, 1 / LEAST
    if rows.slope(low)[0] >= 0:
        return low
    if rows.slope(high)[0] <= 0:
        return high
    factor = 1.0
    for _ in range(MOST_STEPS):
        slope, curvature = rows.slope(factor)
        low, high = (low, factor) if slope > 0 else (factor, high)
        following = factor - slope / curvature if curvature > 0 else high
        if not low < following < high:
            following = float(np.sqrt(low * high))
        if abs(following - factor) <= TOLERANCE * factor:
            return following
        factor = following
    return factor


class _Classes:
    """Rows of one class each. outputs: (N, K). targets: (N,). weights: (N,)."""

    def __init__(self, outputs: Array, targets: Array, weights: Array) -> None:
        own = np.take_along_axis(outputs, targets.astype(np.int64)[:, np.newaxis], 1)
        self._above = outputs - own  # the logits relative to that of the target, which is 0 then
        self._weights = weights
        self._total, self.count = weights.sum(), _effective(weights)

    def all_right(self) -> bool:
        return bool((self._above <= 0).all())

    def log_loss(self, factor: float) -> float:
        """The mean over the rows where logits are multiplied by this."""
        scaled = self._above * factor
        largest = scaled.max(axis=1, keepdims=True)
        losses = largest[:, 0] + np.log(np.exp(scaled - largest).sum(axis=1))
        return float((losses * self._weights).sum() / self._total)

    def slope(self, factor: float) -> tuple[float, float]:
        """The first and the second derivative of the log loss by the factor."""
        probabilities = softmax(self._above * factor)
        means = (probabilities * self._above).sum(axis=1)
        spreads = (probabilities * np.square(self._above - means[:, np.newaxis])).sum(axis=1)
        first = (means * self._weights).sum() / self._total
        second = (spreads * self._weights).sum() / self._total
        return float(first), float(second)


class _Binary:
    """Rows of zeros and ones, all taken together. outputs, targets: (N, K). weights: (N,)."""

    def __init__(self, outputs: Array, targets: Array, weights: Array) -> None:
        self._against = np.where(targets > 0.5, -outputs, outputs).ravel()  # the logit of what is not the target
        self._weights = np.repeat(weights, outputs.shape[1])
        self._total, self.count = self._weights.sum(), _effective(self._weights)

    def all_right(self) -> bool:
        return bool((self._against <= 0).all())

    def log_loss(self, factor: float) -> float:
        """As of classes, the mean over all outputs."""
        losses = np.logaddexp(0.0, self._against * factor)
        return float((losses * self._weights).sum() / self._total)

    def slope(self, factor: float) -> tuple[float, float]:
        """As of classes."""
        wrong = sigmoid(self._against * factor)
        first = (wrong * self._against * self._weights).sum() / self._total
        second = (wrong * (1 - wrong) * np.square(self._against) * self._weights).sum() / self._total
        return float(first), float(second)


def _effective(weights: Array) -> float:
    """How many rows of one weight are as much evidence. Source: Kish 1965, "Survey sampling"."""
    return float(np.square(weights.sum()) / np.square(weights).sum())
