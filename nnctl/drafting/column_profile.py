"""What each column of a table is, and which are not inputs: they only tell the rows apart, or hold no information."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnctl.data.table.table import Array, Column, Kind, Table

FEW_ROWS = 20  # with fewer, numbers in a row and different words are no sign of an id
NAMES_ROWS = re.compile(r"(?i:(?:^|[\W_])(?:p?id|key|index|uuid|guid|row)$)|[a-z]I[dD]$")


@dataclass(frozen=True)
class ColumnProfile:
    """What a column holds, and whether it is of use as an input."""

    name: str
    kind: Kind
    missing: int
    """Rows without a value."""
    distinct: int
    """Different values."""
    omitted: str = ""
    """Why it is not an input; empty where it is one."""
    names_rows: bool = False
    """Whether it tells the rows apart and nothing else."""


def profiles_of(table: Table, targets: Sequence[str]) -> list[ColumnProfile]:
    """One a column, in the table's order; targets are not judged."""
    return [_profile(column, judged=column.name not in targets) for column in table.columns]


def present(column: Column) -> Array:
    """(M,) its values in the rows that have one."""
    return column.values[~column.missing]


def are_whole(values: Array) -> bool:
    """Whether these numbers are whole ones."""
    return bool((np.floor(values) == values).all())


def _profile(column: Column, judged: bool) -> ColumnProfile:
    values = present(column)
    distinct = len(np.unique(values))
    names_rows = judged and _names_rows(column, values, distinct)
    if names_rows:
        omitted = f"every row has another {'number' if column.kind == 'number' else 'text'}"
    elif judged:
        omitted = _says_nothing(column, len(values), distinct)
    else:
        omitted = ""
    return ColumnProfile(column.name, column.kind, len(column.values) - len(values), distinct, omitted, names_rows)


def _names_rows(column: Column, values: Array, distinct: int) -> bool:
    if len(values) < max(FEW_ROWS, len(column.values)) or distinct < len(values):
        return False
    if column.kind == "category":
        return True
    if column.kind != "number" or not are_whole(values):
        return False
    consecutive = values.max() - values.min() + 1 == len(values)
    return bool(consecutive) or NAMES_ROWS.search(column.name) is not None


def _says_nothing(column: Column, rows: int, distinct: int) -> str:
    if distinct == 0:
        return "no row has a value"
    if distinct == 1 and rows == len(column.values):
        return "every row has the same value"
    if column.kind == "category" and distinct >= FEW_ROWS and distinct > rows / 2:
        return f"free text: {distinct:,} different ones in {rows:,} rows"
    return ""
