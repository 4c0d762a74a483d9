"""The columns of a table that are to be predicted, as targets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnctl.data.table.table import Array, Table
from nnctl.errors import DataError, Problem
from nnctl.text import quoted

MOST_PROBLEMS = 10


def targets_of(table: Table, names: Sequence[str]) -> tuple[Array, tuple[str, ...]]:
    """The targets, (N,), or (N, K) for K > 1 columns, and the words that they stand for, empty where they are numbers.

    Words and truth values of a single column are positions in the words. Raises DataError for missing targets.
    """
    _require_all(table, names)
    columns = [table[name] for name in names]
    if len(columns) == 1:
        return columns[0].values, columns[0].labels
    for column in columns:
        if column.kind == "category":
            what = f"column {column.name}: the target {quoted(column.labels[int(column.values[0])])} is not a number"
            help = "several targets are numbers, or yes and no; a class is one column"
            raise DataError(Problem(what, file=table.origin, line=int(table.lines[0]), help=help))
    return np.stack([column.values for column in columns], axis=1), ()


def _require_all(table: Table, names: Sequence[str]) -> None:
    """Refuse rows without a target."""
    missing = {name: np.flatnonzero(table[name].missing) for name in names}
    if not any(map(len, missing.values())):
        return
    problems = [
        table.problem(
            int(rows[0]),
            name,
            f"the target is missing, in {len(rows):,} of the {len(table):,} rows",
            "fill it in, or remove the rows",
        )
        for name, rows in missing.items()
        if len(rows)
    ]
    raise DataError(*problems[:MOST_PROBLEMS])
