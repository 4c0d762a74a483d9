"""A table in memory: typed columns of one length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.errors import Problem

Array = NDArray[Any]
Kind = Literal["number", "category", "yes_no", "date"]


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    kind: Kind
    values: Array
    """(N,), of a category int32 positions in labels, -1 where missing; else float64, NaN where missing.

    A date is in days since 1970-01-01; yes is 1 and no is 0.
    """
    labels: tuple[str, ...] = ()
    """The distinct texts of a category in the order of the file; of a yes_no how it writes no and yes; else empty."""

    @property
    def missing(self) -> Array:
        """(N,) truth values."""
        return self.values < 0 if self.kind == "category" else np.isnan(self.values)

    def take(self, rows: Array) -> Column:
        """The column with these rows only."""
        return Column(self.name, self.kind, self.values[rows], self.labels)


@dataclass(frozen=True)
class Table:
    """Columns of one length."""

    columns: tuple[Column, ...]
    lines: Array
    """(N,) int64, the line of each row in its file."""
    origin: str
    """The file, for messages."""

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def problem(self, row: int, column: str, what: str, help: str) -> Problem:
        """A mistake in a cell. row: counted from 0."""
        return Problem(f"column {column}: {what}", file=self.origin, line=int(self.lines[row]), help=help)

    def take(self, rows: Array) -> Table:
        """The table with these rows only."""
        return Table(tuple(column.take(rows) for column in self.columns), self.lines[rows], self.origin)
