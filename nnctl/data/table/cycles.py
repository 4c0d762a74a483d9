"""Where a moment stands in its day, its week and its year: points on a circle, so that December is beside January."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Cycle = Literal["weekday", "month", "hour"]

# The days that training must span: only then has whatever comes next a place in the cycle that training saw.
# Of days and weeks it saw two, which tell the cycle from a trend; few tables have two years.
SPANS: dict[Cycle, float] = {"weekday": 14.0, "month": 365.0, "hour": 2.0}
TIMELESS = -25_567  # 1900-01-01, the day of times without one
MONDAY = 4  # days after 1970-01-01, a Thursday


def phase(cycle: Cycle, days: Array) -> Array:
    """How far the cycle has gone, 0 to 1, (N,): the month's with its days, the hour's with its minutes.

    days: (N,), since 1970-01-01, finite.
    """
    if cycle == "hour":
        return days - np.floor(days)
    if cycle == "weekday":
        return np.asarray((np.floor(days) - MONDAY) % 7 / 7)
    whole = np.floor(days).astype(np.int64).astype("datetime64[D]")
    month = whole.astype("datetime64[M]")
    first, following = (at.astype("datetime64[D]").astype(np.float64) for at in (month, month + 1))
    return np.asarray((month.astype(np.int64) % 12 + (days - first) / (following - first)) / 12)


def cycles_of(days: Array) -> tuple[Cycle, ...]:
    """The cycles that these days go through, and in which they do not all stand at one place. days: (N,), finite.

    Times of day go through that of the hour.
    """
    if are_times_of_day(days):
        return ("hour",) if np.ptp(days) > 0 else ()
    span = float(np.ptp(days)) if len(days) else 0.0
    return tuple(cycle for cycle, least in SPANS.items() if span >= least and np.ptp(phase(cycle, days)) > 0)


def are_times_of_day(days: Array) -> bool:
    """Whether all of these are times without a day. days: (N,), finite."""
    return len(days) > 0 and bool((np.floor(days) == TIMELESS).all())


def names_of(cycle: Cycle) -> tuple[str, str]:
    """Of its two inputs, behind that of the column."""
    return f"{cycle} sin", f"{cycle} cos"


def circle(cycle: Cycle, days: Array) -> Array:
    """The sine and the cosine of the angle, (N, 2); both 0 where days are NaN. days: (N,)."""
    points = np.zeros((len(days), 2))
    present = ~np.isnan(days)
    angle = 2 * np.pi * phase(cycle, days[present])
    points[present, 0], points[present, 1] = np.sin(angle), np.cos(angle)
    return points
