"""Robust statistics of short series, such as a loss by epoch: a few odd values do not move them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

CERTAIN = 2.4  # standard deviations: of a hundred series without a trend, one falls as much
MOST = 400  # values of a series that are compared in pairs
TO_DEVIATION = 1.4826  # the standard deviation of normal numbers over their median distance from the median


def noise(values: Series) -> float:
    """The standard deviation of what is no trend, 0 for fewer than four values.

    By the second differences, which a straight line does not have: of independent numbers they have six times the
    variance. The median of their sizes keeps a jump out.
    """
    if len(values) < 4:
        return 0.0
    return float(TO_DEVIATION * np.median(np.abs(np.diff(values, 2))) / math.sqrt(6))


def smoothed(values: Series) -> Series:
    """Each value's median with its two neighbours; at the ends that of the two."""
    if len(values) < 3:
        return values
    middle = np.median([values[:-2], values[1:-1], values[2:]], axis=0)
    return np.concatenate([[np.median(values[:2])], middle, [np.median(values[-2:])]])


def slope(values: Series) -> float:
    """The change from a value to the next: the median over all pairs. Source: Theil 1950; Sen 1968."""
    values, apart = _thinned(values)
    if len(values) < 2:
        return 0.0
    first, second = np.triu_indices(len(values), 1)
    return float(np.median((values[second] - values[first]) / (second - first))) / apart


def trend(values: Series) -> float:
    """How certain it is that values rise (above 0) or fall (below 0), in standard deviations of a series without trend.

    Source: Mann 1945; Kendall 1975: the sum of the signs of all differences, over its deviation.
    """
    values, _ = _thinned(values)
    n = len(values)
    if n < 4:
        return 0.0
    first, second = np.triu_indices(n, 1)
    total = float(np.sign(values[second] - values[first]).sum())
    return total / math.sqrt(n * (n - 1) * (2 * n + 5) / 18)


def tail(values: Series, share: float, least: int = 5) -> Series:
    """The last part of a series: so much of it, and at least so many values where there are as many."""
    return values[-max(least, round(share * len(values))) :]


def series(values: Sequence[float | None]) -> Series:
    """NaN for None, which JSON has for what is not finite."""
    return np.array([math.nan if value is None else value for value in values], np.float64)


def _thinned(values: Series) -> tuple[Series, int]:
    """Evenly spaced values, and how far apart they are."""
    apart = max(1, -(-len(values) // MOST))
    return values[::apart], apart
