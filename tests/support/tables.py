"""Tables made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnctl.data.table.table import Column, Kind, Table


def number(name: str, values: Any, kind: Kind = "number") -> Column:
    """A column of numbers; NaN is missing."""
    labels = ("no", "yes") if kind == "yes_no" else ()
    return Column(name, kind, np.asarray(values, np.float64), labels)


def category(name: str, words: Sequence[str | None]) -> Column:
    """A column of words; None is missing."""
    labels = list(dict.fromkeys(word for word in words if word is not None))
    code = {word: number for number, word in enumerate(labels)}
    codes = [-1 if word is None else code[word] for word in words]
    return Column(name, "category", np.array(codes, np.int32), tuple(labels))


def table(*columns: Column) -> Table:
    """The table of these columns, its rows in lines 2, 3, … of `data.csv`."""
    return Table(columns, np.arange(len(columns[0].values), dtype=np.int64) + 2, "data.csv")
