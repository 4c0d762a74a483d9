"""Numbers and dates that may mean missing, like -999 and 9999-12-31: one value in many rows, far from all others."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from nnctl.data.table.dates import EPOCH
from nnctl.data.table.remedies import in_yaml
from nnctl.data.table.table import Array, Column
from nnctl.text import listed

LEAST_ROWS = 3  # that have it
LEAST_OTHERS = 10  # different ones, to know where they lie
CUSTOMARY = frozenset((-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0))
MOST = 10  # in a note


class Sentinel(NamedTuple):
    """A value that may mean missing."""

    column: str
    rows: int
    """That have it."""
    text: str
    """The value, as it can be named."""
    is_number: bool


def sentinels(columns: Iterable[Column], rows: Array | None = None) -> list[Sentinel]:
    """Those of columns of numbers and dates. rows: (N,) positions that are looked at; None: all."""
    found = []
    for column in columns:
        if column.kind not in ("number", "date"):
            continue
        values = column.values if rows is None else column.values[rows]
        for value in _isolated(values[~np.isnan(values)]):
            count = int(np.count_nonzero(values == value))
            found.append(Sentinel(column.name, count, _text(column, value), column.kind == "number"))
    return found


def sentinel_note(found: list[Sentinel], *, as_options: bool) -> str:
    """What to tell of them, at least one. as_options: whether the remedy is for `nnctl init`, else for a config."""
    where = listed((f"{each.column} ({each.text} in {each.rows:,})" for each in found), MOST)
    words = dict.fromkeys((each.text, each.is_number) for each in found)
    if as_options:
        remedy = "add " + " ".join(f"--missing {shlex.quote(text)}" for text, _ in words)
    else:
        remedy = f"set `missing: [{', '.join(text if is_number else in_yaml(text) for text, is_number in words)}]`"
    return f"many rows have one value that is far from all others: {where}; where it means missing, {remedy}"


def _isolated(values: Array) -> list[float]:
    """Few of them. values: (N,) without NaN."""
    found: list[float] = []
    for sign in (1, -1, 1):  # without the largest, the least may be seen to lie far from the others
        value = _least(sign * values)
        if value is not None:
            found.append(sign * value + 0.0)
            values = values[values != found[-1]]
        elif sign == -1:
            break
    return found


def _least(values: Array) -> float | None:
    """The least of these values where it is one. values: (N,)."""
    least = values.min(initial=np.inf)
    count = int(np.count_nonzero(values == least))
    if not LEAST_ROWS <= count < len(values):
        return None
    others = values[values != least]
    following = others.min()
    is_far = following - least >= others.max() - following
    if not is_far and least in CUSTOMARY and following >= 0:
        is_far = count > 2 * np.count_nonzero(others == following)
    return float(least) if is_far and len(np.unique(others)) >= LEAST_OTHERS else None


def _text(column: Column, value: float) -> str:
    if column.kind == "number":
        return f"{value:.15g}"
    moment = EPOCH + timedelta(days=value)
    return f"{moment:%Y-%m-%d}" if value.is_integer() else f"{moment:%Y-%m-%d %H:%M:%S}"
