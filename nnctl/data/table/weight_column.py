"""The column of a table that says how much each row counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.table import Array, Table
from nnctl.errors import DataError, Problem
from nnctl.text import share, shown_number

LARGEST = 1e30  # so that no sum of them is infinite


def weight_hint(name: str, hints: Mapping[str, ColumnHint]) -> ColumnHint:
    """How the column is read: as numbers. Raises DataError where the config says otherwise."""
    hint = hints.get(name, ColumnHint())
    if hint.kind not in (None, "number"):
        what = f"is {hint.kind}, and the column is the weight, which is a number"
        raise DataError(Problem(what, path=f"data.columns.{name}.type", help="leave it out, or name another `weight`"))
    return replace(hint, kind="number")


def weights_of(table: Table, name: str) -> Array:
    """(N,) float64. Raises DataError for weights that are missing, negative, too large, or all 0."""
    weights = table[name].values.astype(np.float64)
    missing = np.isnan(weights)
    wrong = missing | (weights < 0) | (weights > LARGEST)
    if wrong.any():
        row = int(np.argmax(wrong))
        of = share(int(np.count_nonzero(wrong)), len(table), "rows")
        if missing[row]:
            what = "the weight is missing, or no number"
        else:
            what = f"the weight is {shown_number(weights[row])}, expected a number from 0 to {LARGEST:g}"
        raise DataError(
            table.problem(row, name, f"{what}; {of} have such", "fix it, or remove the row; 0 leaves it out")
        )
    if not weights.any():
        what = f"column {name}: the weights are all 0"
        raise DataError(Problem(what, file=table.origin, help="is it the right column? leave `weight` out for none"))
    return weights


def weight_note(weights: Array, name: str) -> str:
    """What to tell of the weights of rows."""
    low, high = shown_number(weights.min()), shown_number(weights.max())
    return f"rows are weighted by {name}, from {low} to {high}; it is no input"
