"""Inputs that are suspect: copies of the target, which no new row will have, and columns that only name the rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nnctl.data.table.table import Array, Column
from nnctl.text import listed

FEW_ROWS = 20  # with fewer, chance does as much
SLACK = 1.1  # numbers one after the other have so wide a range, where rows were removed
FIRST_ROWS = 1_000
CLOSE = 1e-9  # of the spread: what is closer to a straight line lies on it


def copies_of(columns: Iterable[Column], rows: Array, target: Array) -> list[str]:
    """The columns that tell a target exactly, and are told by it. rows: (N,), the training rows; target: (M,)."""
    target = target[rows]
    if len(rows) < FEW_ROWS or (target == target[0]).all():
        return []
    candidates = _candidates(columns, rows, target)
    classes = _codes(target) if candidates and _repeats(target) else None
    return [column.name for column in candidates if _is_copy(column, column.values[rows], target, classes)]


def note_on_ids(columns: Iterable[Column]) -> str:
    """What to say of inputs that only name the rows; nothing where there are none."""
    ids = {column.name: column for column in columns if names_rows(column)}
    if not ids:
        return ""
    name = next(iter(ids))
    what = "have another value in every row, one after the other or all words"
    if len(ids) == 1:
        what = "has another number in every row, one after the other"
        if ids[name].kind == "category":
            what = "has another text in every row"
    return f"{listed(ids)} {what}: where it only names the rows, say `id: {name}`, or exclude it from `features`"


def _candidates(columns: Iterable[Column], rows: Array, target: Array) -> list[Column]:
    """The columns that have another value in a row with another target, and the same in rows with the same: few."""
    first, other = rows[0], rows[np.argmax(target != target[0])]
    same = rows[target == target[0]][:FEW_ROWS]
    found = []
    for column in columns:
        values = column.values
        if values[first] != values[other] and (values[same] == values[first]).all():
            found.append(column)
    return found


def _repeats(target: Array) -> bool:
    """Whether its values come twice on average, by its first ones; where each comes once, any column is one-to-one."""
    first = target[:FIRST_ROWS]
    return len(np.unique(first)) <= len(first) / 2


def _is_copy(column: Column, values: Array, target: Array, classes: Array | None) -> bool:
    """Whether the values and the target tell each other: they lie on a line, or are one-to-one.

    values, target: (N,). classes: (N,) the codes of the target where it repeats, else None.
    """
    if column.kind != "category" and _is_line(values[:FEW_ROWS], target[:FEW_ROWS]) and _is_line(values, target):
        return True
    if classes is None:
        return False
    count = int(classes.max()) + 1
    kinds = _codes(values)
    if kinds.max() + 1 != count:
        return False
    pairs = np.zeros(count, np.int64)
    pairs[kinds] = classes
    return bool((pairs[kinds] == classes).all())


def _is_line(values: Array, target: Array) -> bool:
    """Whether target = a + b value in every row; where the target is constant nothing tells."""
    other = np.argmax(target != target[0])
    if not other:
        return True
    slope = (target[other] - target[0]) / (values[other] - values[0])
    with np.errstate(over="ignore", invalid="ignore"):
        return bool((np.abs(target[0] + slope * (values - values[0]) - target) <= CLOSE * np.ptp(target)).all())


def _codes(values: Array) -> Array:
    """(N,) which of the distinct values each is; NaN is one of them."""
    return np.unique(values, return_inverse=True)[1].reshape(-1)


def names_rows(column: Column) -> bool:
    """Whether every row has another value, and these are words, or whole numbers one after the other."""
    values, rows = column.values, len(column.values)
    if rows < FEW_ROWS:
        return False
    if column.kind == "category":
        return len(column.labels) >= rows and len(np.unique(values)) == rows and not column.missing.any()
    if column.kind != "number":
        return False
    least, largest = values.min(), values.max()
    if not rows - 1 <= largest - least <= SLACK * rows:  # NaN, where one is missing, is neither
        return False
    return bool((values == np.floor(values)).all()) and len(np.unique(values)) == rows
