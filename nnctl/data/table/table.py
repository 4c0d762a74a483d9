"""A table in memory: typed columns of one length."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.table.column_hint import ColumnHint, Kind
from nnctl.errors import Problem

__all__ = ["Array", "Column", "Kind", "Table"]

Array = NDArray[Any]


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
    hint: ColumnHint = field(default_factory=ColumnHint)
    """How it was read, with everything that was inferred: another file is read alike with it."""
    odd: int = 0
    """Cells that did not fit its kind, and were taken for missing."""
    odd_word: str = ""
    """The text of so many of these that it means missing in other files, too, as `hint` says; empty for none."""

    @property
    def missing(self) -> Array:
        """(N,) truth values."""
        return self.values < 0 if self.kind == "category" else np.isnan(self.values)

    def take(self, rows: Array) -> Column:
        """The column with these rows only."""
        return replace(self, values=self.values[rows])


@dataclass(frozen=True)
class Table:
    """Columns of one length."""

    columns: tuple[Column, ...]
    lines: Array
    """(N,) int64, the line of each row in its file."""
    origin: str
    """The file, for messages."""
    notes: tuple[str, ...] = ()
    """What was guessed, dropped or changed in reading."""

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def problem(self, row: int, column: str, what: str, help: str) -> Problem:
        """A mistake in a cell. row: counted from 0."""
        return Problem(f"column {column}: {what}", file=self.origin, line=int(self.lines[row]), help=help)

    def take(self, rows: Array) -> Table:
        """The table with these rows only."""
        return replace(self, columns=tuple(column.take(rows) for column in self.columns), lines=self.lines[rows])

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}
