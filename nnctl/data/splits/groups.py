"""Groups of rows that belong together, such as all rows of one patient: a split takes them whole or not at all."""

from __future__ import annotations

from heapq import heapreplace
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.data.splits.row_rule import RowRule
from nnctl.data.splits.split import Fold, Indices, stream_of
from nnctl.data.splits.table_column import column_in
from nnctl.data.table.table import Column, Table
from nnctl.errors import DataError, Problem
from nnctl.text import counted

FAR_OFF = 0.25  # of what is asked: where a part has so much more or less, that is told


Grouped = RowRule | Fold
"""A part that takes whole groups: a rule with a `share`, or a fold with a `group`."""


class GroupedRows(NamedTuple):
    """Rows that stay and rows that are taken, both in ascending order."""

    staying: Indices
    taken: Indices
    notes: tuple[str, ...]


def is_grouped(part: Any) -> TypeGuard[Grouped]:
    """Whether a part takes whole groups."""
    return (isinstance(part, RowRule) and part.share is not None) or (isinstance(part, Fold) and part.group is not None)


def group_of(part: Grouped) -> str:
    """The column whose values are the groups."""
    name = part.column if isinstance(part, RowRule) else part.group
    assert name is not None
    return name


def group_key(part: Grouped, name: str) -> str:
    """Where the config names that column. name: of the part, test or validation."""
    return f"data.{name}.column" if isinstance(part, RowRule) else "data.fold.group"


def take_groups(table: Table, rows: Indices, part: Grouped, seed: int, name: str) -> GroupedRows:
    """Set whole groups of rows aside; rows without a value are one group.

    rows: (N,), ascending. name: test or validation, which names the random stream.
    A share: in a random order, each group is taken that brings the number of rows nearer to what is asked; one group is
    taken in any case, and one stays. A fold: the largest group first, each joins the fold that has the fewest rows, as
    in scikit-learn's GroupKFold, where groups of one size come in a random order; over all folds each group is taken
    once. Raises DataError for a column with one value, and for more folds than groups.
    """
    column = column_in(table, group_of(part), group_key(part, name))
    _, groups, sizes = np.unique(column.values[rows], return_inverse=True, return_counts=True)
    if isinstance(part, Fold):
        chosen = _fold_of(column, sizes, part, seed)
    else:
        chosen = _share_of(column, sizes, _asked(part) * len(rows), seed, name)
    taken = chosen[groups.reshape(-1)]
    notes = [*_on_missing(column, rows), *_on_size(part, sizes, int(sizes[chosen].sum()), name)]
    return GroupedRows(rows[~taken], rows[taken], tuple(notes))


def _share_of(column: Column, sizes: Indices, goal: float, seed: int, name: str) -> NDArray[np.bool_]:
    """(G,) which groups are taken. sizes: (G,), how many rows each has."""
    if len(sizes) < 2:
        what = f"all {sizes.sum():,} rows have one value of column {column.name}, and a group stays whole"
        raise DataError(Problem(what, path=f"data.{name}", help="name another column, or give a fraction"))
    chosen = np.zeros(len(sizes), bool)
    order, count = stream_of(seed, name).permutation(len(sizes)), 0
    for group, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        if abs(count + size - goal) < abs(count - goal):
            chosen[group] = True
            count += size
    if chosen.all() or not chosen.any():
        smallest = order[np.argmin(sizes[order])]
        chosen[smallest] = not chosen[smallest]
    return chosen


def _fold_of(column: Column, sizes: Indices, fold: Fold, seed: int) -> NDArray[np.bool_]:
    """(G,) which groups are in the fold. sizes: (G,), how many rows each has."""
    if fold.folds > len(sizes):
        of = counted(len(sizes), "group")
        what = f"{fold.folds:,} folds of {of} of column {column.name}: some would be empty"
        help = f"use at most {len(sizes):,} folds" if len(sizes) > 1 else "name another column"
        raise DataError(Problem(what, path="data.fold", help=help))
    order = random.generator(seed, "split", 2).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    chosen = np.zeros(len(sizes), bool)
    folds = [(0, number) for number in range(1, fold.folds + 1)]  # a heap: rows, and the number of the fold
    for group, size in zip(order.tolist(), sizes[order].tolist(), strict=True):
        count, number = folds[0]
        chosen[group] = number == fold.number
        heapreplace(folds, (count + size, number))
    return chosen


def _asked(part: Grouped) -> float:
    """The share of the rows that a part is to be."""
    share = part.share if isinstance(part, RowRule) else 1 / part.folds
    assert share is not None
    return share


def _on_missing(column: Column, rows: Indices) -> list[str]:
    """A note on rows without a value."""
    missing = int(np.count_nonzero(column.missing[rows]))
    if not missing:
        return []
    are = "row without a value is" if missing == 1 else "rows without a value are"
    return [f"column {column.name}: {missing:,} {are} taken for one group"]


def _on_size(part: Grouped, sizes: Indices, taken: int, name: str) -> list[str]:
    """A note on a part that is far from what is asked."""
    rows = int(sizes.sum())
    asked = _asked(part)
    if abs(taken - asked * rows) <= FAR_OFF * asked * rows:
        return []
    of = counted(len(sizes), "group")
    what = f"the {name} samples are {taken / rows:.0%} of {rows:,} rows, where {asked:.0%} are asked"
    return [f"{what}: the {of} of column {group_of(part)} stay whole"]
