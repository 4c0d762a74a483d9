"""How far apart the rows of a series are: a month, 15 minutes, a working day; inferred, written and continued."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnctl.data.table.table import Array

Unit = Literal["month", "month_end", "weekday", "day", "hour", "minute", "second", "number", "row"]

COUNTED: tuple[Unit, ...] = ("month", "month_end", "weekday", "row")
SECONDS: Mapping[Unit, float] = {"day": 86_400.0, "hour": 3600.0, "minute": 60.0, "second": 1.0}
TEXT = re.compile(r"(?:(?P<count>[0-9]*\.?[0-9]+) ?)?(?P<unit>[a-z_]+?)s?")
TOLERANCE = 0.1  # of the spacing, by which two rows that follow each other may be nearer or farther
LEAST_WEEKDAYS = 10  # days without a weekend among them, to tell that there is none
MILLISECOND = 1e-3


@dataclass(frozen=True)
class Spacing:
    """`count` units between two rows. month, month_end, weekday and row are counted, not measured."""

    unit: Unit
    count: float = 1.0

    @classmethod
    def parse(cls, text: str | float) -> Spacing:
        """`month`, `15 minutes`, `2 weekdays`, `row`, or a number for a column of numbers. Raises ValueError."""
        if not isinstance(text, str):
            if text > 0:
                return cls("number", float(text))
            raise ValueError(f"is {text:g}; rows are more than 0 apart")
        match = TEXT.fullmatch(text.strip().lower().replace(" end", "_end"))
        units: dict[str, Unit] = {unit: unit for unit in (*COUNTED, *SECONDS)}
        unit = units.get(match["unit"]) if match else None
        count = float(match["count"] or 1) if match else 0.0
        whole = unit in SECONDS or (count.is_integer() and (unit != "row" or count == 1))
        if unit is None or count <= 0 or not whole:
            raise ValueError(f"is {text!r}; write month, day, 15 minutes, 2 weekdays, row or a number")
        return cls(unit, count)

    def __str__(self) -> str:
        """As `parse` reads it."""
        if self.unit == "number":
            return f"{self.count:g}"
        name = self.unit.replace("_", " ")
        return name if self.count == 1 else f"{self.count:g} {name}s"

    @property
    def apart(self) -> str:
        """For people: rows are … apart."""
        article = "an" if self.unit == "hour" else "a"
        return f"{article} {self}" if self.count == 1 and self.unit != "number" else str(self)

    @property
    def written(self) -> str | float:
        """For a config."""
        return self.count if self.unit == "number" else str(self)

    @property
    def shows_days(self) -> bool:
        """Whether times so far apart have no time of day."""
        return self.unit in ("month", "month_end", "weekday", "day") and self.count.is_integer()

    def places(self, times: Array) -> Array:
        """Where times stand, (N,), in spacings: those of two rows that follow each other differ by 1."""
        if self.unit == "row":
            return np.arange(len(times), dtype=np.float64)
        if self.unit == "number":
            return times / self.count
        if self.unit in SECONDS:
            return times * (SECONDS["day"] / (self.count * SECONDS[self.unit]))
        days = np.floor(times).astype(np.int64).astype("datetime64[D]")
        if self.unit == "weekday":
            return np.busday_count(np.datetime64("1970-01-01"), days) / self.count
        return np.asarray(days.astype("datetime64[M]").astype(np.int64) / self.count)

    def follow(self, times: Array) -> Array:
        """Which rows follow the one before by one spacing, (N - 1,) truth values. times: (N,), ascending."""
        if self.unit == "number":
            return np.asarray(np.abs(np.diff(times) / self.count - 1) <= TOLERANCE)
        return np.asarray(np.abs(np.diff(self.places(times)) - 1) <= TOLERANCE)

    def after(self, time: float, steps: int) -> Array:
        """The times of so many rows behind this one, (steps,)."""
        numbers = np.arange(1, steps + 1)
        if self.unit == "number":
            return time + numbers * self.count
        if self.unit in SECONDS:
            return np.round(
                (time * SECONDS["day"] + numbers * self.count * SECONDS[self.unit]) / MILLISECOND
            ) * MILLISECOND / SECONDS["day"]  # fmt: skip
        day = np.datetime64(int(np.floor(time)), "D")
        whole = (numbers * int(self.count)).astype(np.int64)
        if self.unit == "weekday":
            days = np.busday_offset(day, whole, roll="backward")
        else:
            month = day.astype("datetime64[M]")
            months = month + whole
            last = (months + 1).astype("datetime64[D]") - 1
            within = day - month.astype("datetime64[D]")
            days = last if self.unit == "month_end" else np.minimum(months.astype("datetime64[D]") + within, last)
        return np.asarray(days.astype(np.int64) + (time - np.floor(time)))


def inferred_spacing(times: Array, follows: Array, *, are_dates: bool) -> Spacing | None:
    """The most frequent spacing, the smaller one of two; None where no row follows another, or dates are less than
    a millisecond apart.

    times: (N,), finite, ascending in each series. follows: (N - 1,), whether a row is of the same series as the one
    before it. are_dates: whether times are days since 1970.
    """
    if not follows.any():
        return None
    if not are_dates:
        differences = np.array([float(f"{value:.9g}") for value in np.diff(times)[follows].tolist()])
        return Spacing("number", _most_frequent(differences))
    whole = bool((times == np.floor(times)).all())
    return (_of_days(times, follows) if whole else None) or _of_seconds(np.diff(times)[follows])


def _of_days(times: Array, follows: Array) -> Spacing | None:
    """Of dates that stand at one day of their months, or have no weekend; None for others."""
    days = times.astype(np.int64).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    within = (days - months.astype("datetime64[D]")).astype(np.int64)
    ends = ((months + 1).astype("datetime64[D]") - 1) == days
    if within.min() == within.max() or ends.all():
        unit: Unit = "month_end" if ends.all() else "month"
        return Spacing(unit, _most_frequent(np.diff(months.astype(np.int64))[follows]))
    apart = np.diff(times)[follows]
    if len(times) >= LEAST_WEEKDAYS and np.is_busday(days).all() and _most_frequent(apart) == 1 and (apart == 3).any():
        return Spacing("weekday")
    return None


def _of_seconds(days: Array) -> Spacing | None:
    """None for less than a millisecond."""
    seconds = np.round(days * SECONDS["day"] / MILLISECOND) * MILLISECOND
    most = _most_frequent(np.round(seconds, 3))
    if not most:
        return None
    whole = [unit for unit, size in SECONDS.items() if most % size == 0]
    unit = whole[0] if whole else "second"
    return Spacing(unit, most / SECONDS[unit])


def _most_frequent(values: Array) -> float:
    found, counts = np.unique(values, return_counts=True)
    return float(found[counts.argmax()])
