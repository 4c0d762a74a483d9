"""What each column of a table is, and which are not inputs: they only tell the rows apart, or hold no information."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnctl.data.table.categories import MOST_CATEGORIES
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.dates import ISO_FORMAT
from nnctl.data.table.suspects import FEW_ROWS, names_rows
from nnctl.data.table.table import Array, Column, Kind, Table
from nnctl.text import is_number

NAMES_ROWS = re.compile(r"(?i:(?:^|[\W_])(?:p?id|key|index|uuid|guid|row)$)|[a-z]I[dD]$")
NAMES_PLACES = re.compile(r"(?i)(?:^|[\W_])(?:zip|plz|fips|(?:zip|post|postal|area|country|state)[\W_]?code)$")
NEARLY_ALL = 0.95  # of the rows: an id with a few doubles is still one
LONG_TEXT = 200  # characters: no category has such a name


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
    hint: ColumnHint = field(default_factory=ColumnHint)
    """How its cells are written."""
    remark: str = ""
    """What a person might not expect of its kind."""

    @property
    def settings(self) -> dict[str, Any]:
        """What a config says of the column: its kind, and how its cells are written where that is not plain."""
        hint = self.hint
        written: dict[str, Any] = {"type": self.kind}
        if self.kind == "date" and hint.format not in (None, ISO_FORMAT):
            written["format"] = hint.format
        if self.kind == "number":
            written |= {"decimal": hint.decimal} if hint.decimal == "," else {}
            written |= {"unit": hint.unit} if hint.unit else {}
        if hint.has_minus:
            written["missing_words"] = list(hint.missing or ())
        return written


def profiles_of(table: Table, targets: Sequence[str], rare: int = 1) -> list[ColumnProfile]:
    """One a column, in the table's order; targets are not judged.

    rare: categories with fewer rows than this are one.
    """
    return [_profile(column, column.name not in targets, rare) for column in table.columns]


def present(column: Column) -> Array:
    """(M,) its values in the rows that have one."""
    return column.values[~column.missing]


def are_whole(values: Array) -> bool:
    """Whether these numbers are whole ones."""
    return bool((np.floor(values) == values).all())


def _profile(column: Column, judged: bool, rare: int) -> ColumnProfile:
    values = present(column)
    different, counts = np.unique(values, return_counts=True)
    distinct = len(different)
    kind, remark = column.kind, _remark(column, different, counts)
    names_rows = judged and _names_rows(column, values, distinct)
    if names_rows:
        omitted = f"every row has another {'number' if kind == 'number' else 'text'}"
    elif judged:
        omitted = _says_nothing(column, values, counts, rare)
    else:
        omitted = ""
    if judged and not omitted and _names_places(column, values, distinct):
        kind, remark = "category", "numbers that name places"
    missing = len(column.values) - len(values)
    return ColumnProfile(column.name, kind, missing, distinct, omitted, names_rows, column.hint, remark)


def _names_rows(column: Column, values: Array, distinct: int) -> bool:
    if names_rows(column):
        return True
    every = max(FEW_ROWS, len(column.values)) <= len(values) == distinct
    return every and column.kind == "number" and NAMES_ROWS.search(column.name) is not None and are_whole(values)


def _names_places(column: Column, values: Array, distinct: int) -> bool:
    """Whether these are codes, whose order and distance mean nothing."""
    is_code = column.kind == "number" and NAMES_PLACES.search(column.name) is not None
    return is_code and are_whole(values) and 2 * distinct <= len(values)


def _says_nothing(column: Column, values: Array, counts: Array, rare: int) -> str:
    """Why the column is no input, if it is none. counts: of each different value."""
    rows, distinct = len(values), len(counts)
    if distinct == 0:
        return "no row has a value"
    if distinct == 1 and rows == len(column.values):
        return "every row has the same value"
    nearly_all = rows >= FEW_ROWS and distinct > NEARLY_ALL * rows
    if nearly_all and column.kind == "number" and NAMES_ROWS.search(column.name) and are_whole(values):
        return f"an id: {distinct:,} different numbers in {rows:,} rows"
    if column.kind != "category":
        return ""
    if distinct >= FEW_ROWS and distinct > rows / 2:
        return f"free text: {distinct:,} different ones in {rows:,} rows"
    if (longest := max(map(len, column.labels))) > LONG_TEXT:
        return f"free text: of up to {longest:,} characters"
    kept = int((counts >= rare).sum())
    if kept == 0:
        return f"free text: none of {distinct:,} different ones occurs {rare} times"
    if kept > MOST_CATEGORIES:
        return f"{kept:,} categories, more than {MOST_CATEGORIES:,}"
    return ""


def _remark(column: Column, different: Array, counts: Array) -> str:
    """Of a column of words that are numbers for the most part."""
    if column.kind != "category" or not len(different):
        return ""
    are_numbers = np.array([is_number(column.labels[label]) for label in different])
    share = counts[are_numbers].sum() / counts.sum()
    return f"{share:.0%} of them numbers, the others words" if 0.5 < share < 1 else ""
