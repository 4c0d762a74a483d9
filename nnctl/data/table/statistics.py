"""What the values of a column of numbers are filled, clipped and scaled with."""

from __future__ import annotations

import math

import numpy as np

from nnctl.data.table.settings import NumberSettings
from nnctl.data.table.table import Array


def fill_of(settings: NumberSettings, present: Array) -> float | None:
    """What a missing value becomes; None where none is allowed to be missing."""
    if settings.missing == "refuse":
        return None
    if settings.missing == "mean":
        return _mean(present)
    if settings.missing == "mode":
        values, counts = np.unique(present, return_counts=True)
        return float(values[np.argmax(counts)])  # of equally frequent ones the smallest
    return _median(present) if settings.missing == "median" else settings.missing


def quantiles_of(settings: NumberSettings, present: Array) -> tuple[float, float] | None:
    """The values that others are clipped to; None where none are."""
    if settings.clip == "none":
        return None
    low, high = np.quantile(present, (settings.clip, 1 - settings.clip))
    return float(low), float(high)


def scaling_of(settings: NumberSettings, values: Array) -> tuple[float, float]:
    """Shift and divisor; a divisor of 1 where the values are constant, so that nothing is divided by zero."""
    if settings.scale == "none":
        return 0.0, 1.0
    if settings.scale == "min_max":
        return float(values.min()), float(np.ptp(values)) or 1.0
    mean = _mean(values)
    # about the mean: the difference of two large sums of squares would lose the digits of a small variance
    return mean, math.sqrt(np.square(values - mean).mean()) or 1.0


def _median(values: Array) -> float:
    """NumPy's own takes longer to begin than a column of a wide table takes."""
    middle = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, middle)[middle])
    low, high = np.partition(values, (middle - 1, middle))[middle - 1 : middle + 1]
    return float((low + high) / 2)


def _mean(values: Array) -> float:
    """Exact where the values are constant."""
    low = float(values.min())
    return low if low == values.max() else float(values.mean())
