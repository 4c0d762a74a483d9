"""The column of a table that says how much each row counts."""

from __future__ import annotations

import numpy as np

from nnctl.data.table.remedies import column_setting
from nnctl.data.table.table import Array, Table
from nnctl.errors import DataError, Problem
from nnctl.text import share, shown_number

LARGEST = 1e30  # so that no sum of them is infinite


def weights_of(table: Table, name: str) -> Array:
    """(N,) float64. Raises DataError for weights that are no numbers, missing, negative, too large, or all 0."""
    column = table[name]
    if column.kind != "number":
        what = f"column {name}: the weight is a number, and the column is read as {column.kind}"
        help = f"name a column of numbers, or set {column_setting(name, 'number')}"
        raise DataError(Problem(what, file=table.origin, help=help))
    weights = column.values.astype(np.float64)
    wrong = column.missing | (weights < 0) | (weights > LARGEST)
    if wrong.any():
        row = int(np.argmax(wrong))
        own = shown_number(weights[row])
        what = "missing, or no number" if column.missing[row] else f"{own}, expected one from 0 to {LARGEST:g}"
        what = f"the weight is {what}, in {share(int(np.count_nonzero(wrong)), len(table), 'rows')}"
        raise DataError(table.problem(row, name, what, "fix it, or remove the row; a weight of 0 leaves it out"))
    if not weights.any():
        what = f"column {name}: the weights are all 0"
        raise DataError(Problem(what, file=table.origin, help="name another column, or leave `weight` out"))
    return weights


def weight_note(weights: Array, name: str) -> str:
    """What to tell of the weights of rows."""
    low, high = shown_number(weights.min()), shown_number(weights.max())
    return f"rows are weighted by {name}, from {low} to {high}; it is no input"
