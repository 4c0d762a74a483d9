"""A last row that sums up the others, as spreadsheets have it: it is no sample."""

from __future__ import annotations

import re

import numpy as np

from nnctl.data.table.table import Column, Table
from nnctl.text import quoted

WORDS = re.compile(r"(?i)(?:(?:grand|sub) ?)?totals?|totale|totaal|sum|summe|gesamt|insgesamt|somme|suma")


def note_on_total(table: Table) -> str:
    """What there is to say of a last row that calls itself a total, as no other row does; or nothing."""
    for column in table.columns:
        if label := _last_label(column):
            where = f"the last row, in line {table.lines[-1]:,}"
            return f"{where}, may be the total of the others ({column.name}: {quoted(label)}): then remove it"
    return ""


def _last_label(column: Column) -> str:
    """The label in the last row, if it is a word for a total that no other row has."""
    if column.kind != "category" or len(column.values) < 2 or column.values[-1] < 0:
        return ""
    label = column.labels[column.values[-1]]
    is_total = WORDS.fullmatch(label.rstrip(": ")) is not None
    return label if is_total and np.count_nonzero(column.values == column.values[-1]) == 1 else ""
