"""Conditions on the values of a column, such as `size above 3,000` or `colour is red or blue`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.table.dates import shown_date
from nnctl.data.table.table import Column
from nnctl.text import listed, shown_label, shown_number

MISSING = -1  # the position of what has no label


@dataclass(frozen=True)
class Range:
    """Numbers, or dates in days, above one and at most another. or_missing: whether a missing value is among them."""

    column: Column
    above: float = -math.inf
    at_most: float = math.inf
    or_missing: bool = False

    def holds(self) -> NDArray[np.bool_]:
        """In which rows of the column, (N,)."""
        values = self.column.values
        missing = np.isnan(values)
        return np.where(missing, self.or_missing, (values > self.above) & (values <= self.at_most))

    def also(self, other: Range) -> Range:
        """Both at once, of the same column."""
        above, at_most = max(self.above, other.above), min(self.at_most, other.at_most)
        return replace(self, above=above, at_most=at_most, or_missing=self.or_missing and other.or_missing)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it different from another one."""
        return self.column.name, self.above, self.at_most, self.or_missing

    @property
    def parts(self) -> int:
        """How many conditions it is made of."""
        return (self.above > -math.inf) + (self.at_most < math.inf) or 1

    def text(self) -> str:
        """For people."""
        show: Callable[[float], str] = shown_date if self.column.kind == "date" else shown_number
        bounds = [f"above {show(self.above)}"] if self.above > -math.inf else []
        bounds += [f"at most {show(self.at_most)}"] if self.at_most < math.inf else []
        if not bounds:
            return f"{self.column.name} is not missing"
        if self.above >= self.at_most:
            return f"{self.column.name} is missing"
        return f"{self.column.name} {' and '.join(bounds)}{' or missing' if self.or_missing else ''}"

    def to_json(self) -> dict[str, Any]:
        """{"column":, "above":, "at_most":, "missing":}, of the bounds those that there are; dates as text."""
        is_date = self.column.kind == "date"
        bounds = {"above": self.above, "at_most": self.at_most} if self.above < self.at_most else {}
        shown = {key: shown_date(value) if is_date else value for key, value in bounds.items() if math.isfinite(value)}
        return {"column": self.column.name, **shown, "missing": self.or_missing}


def only_missing(column: Column) -> Range:
    """Rows without a number."""
    return Range(column, above=math.inf, or_missing=True)


@dataclass(frozen=True)
class Among:
    """One of several categories. positions: in the column's labels, -1 for a missing one."""

    column: Column
    positions: frozenset[int]

    def holds(self) -> NDArray[np.bool_]:
        """In which rows of the column, (N,)."""
        return np.asarray(np.isin(self.column.values, [*self.positions]))

    def also(self, other: Among) -> Among:
        """Both at once, of the same column."""
        return replace(self, positions=self.positions & other.positions)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it different from another one."""
        return self.column.name, self.positions

    @property
    def parts(self) -> int:
        """How many conditions it is made of."""
        return 1

    def text(self) -> str:
        """For people: by the categories that it is, or by those that it is not, whichever are fewer."""
        word, positions = self._shortest()
        names = ["missing" if position == MISSING else shown_label(label) for position, label in positions]
        if len(names) < 2:
            return f"{self.column.name} {'is' if word == 'is' else 'is not'} {''.join(names)}"
        last = "or" if word == "is" else "nor"
        verb = "is" if word == "is" else "is neither"
        return f"{self.column.name} {verb} {listed(names[:-1])} {last} {names[-1]}"

    def to_json(self) -> dict[str, Any]:
        """{"column":, "is": [labels]}, or "is_not"; a missing one is null."""
        word, positions = self._shortest()
        return {"column": self.column.name, word: [None if at == MISSING else label for at, label in positions]}

    def _shortest(self) -> tuple[str, list[tuple[int, str]]]:
        """`is` or `is_not`, and the positions with their labels, of those that occur."""
        occurring = frozenset(np.unique(self.column.values).astype(int).tolist())
        own, others = self.positions & occurring, occurring - self.positions
        word, chosen = ("is", own) if len(own) <= len(others) else ("is_not", others)
        labels = (*self.column.labels, "")
        return word, [(position, labels[position]) for position in sorted(chosen)]


Condition = Range | Among


def joined(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The same with one condition a column, in the order in which the columns come first."""
    by_column: dict[str, Any] = {}
    for condition in conditions:
        name = condition.column.name
        by_column[name] = by_column[name].also(condition) if name in by_column else condition
    return tuple(by_column.values())
