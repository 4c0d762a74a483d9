"""The columns of a table that are to be predicted, as targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nnctl.data.table.table import Array, Table
from nnctl.errors import DataError, Problem
from nnctl.text import listed, quoted, share

MOST_PROBLEMS = 10

MissingTarget = Literal["drop", "refuse"]


def with_targets(table: Table, names: Sequence[str], missing_target: MissingTarget) -> tuple[Table, tuple[str, ...]]:
    """The rows that have all targets, and a note on the others. Raises DataError where there are such and none may be,
    and where no row is left.
    """
    missing = {name: table[name].missing for name in names}
    lacking = np.logical_or.reduce(list(missing.values()))
    if not lacking.any():
        return table, ()
    if missing_target == "refuse" or lacking.all():
        raise DataError(*_problems(table, missing))
    counts = {name: int(own.sum()) for name, own in missing.items() if own.any()}
    one = int(lacking.sum()) == 1
    of = share(int(lacking.sum()), len(table), "rows")
    if len(names) == 1:
        what = f"{of} {'has' if one else 'have'} no {names[0]}"
    else:
        each = listed(f"{name} in {count:,}" for name, count in counts.items())
        what = f"{of} {'lacks' if one else 'lack'} a target ({each})"
    where = f"{'in' if one else 'the first in'} line {int(table.lines[np.argmax(lacking)]):,}"
    note = f"{what} and {'is' if one else 'are'} left out, {where}"
    return table.take(np.flatnonzero(~lacking)), (note,)


def date_notes(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    """What to tell of targets that are dates."""
    dates = [name for name in names if table[name].kind == "date"]
    if not dates:
        return ()
    what, it = ("a date", "it is") if len(dates) == 1 else ("dates", "they are")
    return (f"the target is {what} ({listed(dates)}): {it} learnt as days since 1970-01-01, and errors are in days",)


def targets_of(table: Table, names: Sequence[str]) -> tuple[Array, tuple[str, ...]]:
    """The targets, (N,), or (N, K) for K > 1 columns, and the words that they stand for, empty where they are numbers.

    Words and truth values of a single column are positions in the words. Raises DataError for words in several columns.
    """
    columns = [table[name] for name in names]
    if len(columns) == 1:
        return columns[0].values, columns[0].labels
    for column in columns:
        if column.kind == "category":
            what = f"column {column.name}: the target {quoted(column.labels[int(column.values[0])])} is not a number"
            help = "several targets are numbers, or yes and no; a class is one column"
            raise DataError(Problem(what, file=table.origin, line=int(table.lines[0]), help=help))
    return np.stack([column.values for column in columns], axis=1), ()


def _problems(table: Table, missing: dict[str, Array]) -> list[Problem]:
    problems = []
    for name, own in missing.items():
        if own.all():
            rows = share(len(own), len(own), "rows")
            what = f"column {name}: the target is missing in {rows}"
            help = "is it the right column? rows without a target are for `nnctl predict`"
            problems.append(Problem(what, file=table.origin, help=help))
        elif own.any():
            what = f"the target is missing, in {int(own.sum()):,} of the {len(table):,} rows"
            help = "fill it in, or leave `missing_target: refuse` out to train without the rows"
            problems.append(table.problem(int(np.argmax(own)), name, what, help))
    return problems[:MOST_PROBLEMS]
