"""Columns that alone tell the target: a score that rests on one of them says little about new rows.

By value: where it told nothing, two rows of one value would have different targets as often as any two rows. It tells
the target where they have at most a 25th as often: of two classes, 1 of 100 rows is on the wrong side. Nothing is said
where fewer than 20 pairs of rows were to differ by chance; of 20, none does once in e^20 times. Numbers with decimals
have no pairs, since they name nothing; nor have rows that are alike in all columns: copies of a row agree anyway.
Of these, a column names what rows belong to, such as a patient, where it has ten values or more, and twice as many as
there are classes.
By order: the same of neighbours in the order of numbers or dates, of all and of those of different values, where
targets are classes.
By a line: numbers that correlate with a target of numbers by more than 0.999, and in their ranks by more than 0.99, so
that a few rows far from all others do not count for all; or that grow or fall with it in every row.

At most 1,024 rows are looked at first, and the others only where these agree, which few columns do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nnctl import random
from nnctl.data.table.table import Array, Column

FIRST_ROWS = 1_024
EVIDENCE = 20.0  # pairs that would differ by chance, at least
NEARLY = 0.04  # of these, as many differ at most
PROMISING = 0.1  # the same among the first rows, where pairs are few
STRAIGHT = 0.999
RANKED = 0.99
FEW_VALUES = 20  # with fewer, a line is no copy of a number
FEW_GROUPS = 10  # with fewer values, a column is no name of what rows belong to


class Telling(NamedTuple):
    """Which columns tell the target, and how; by order and by value may be the same."""

    by_value: list[Column]
    by_order: list[Column]
    by_line: list[Column]
    groups: dict[str, int]
    """Of those by value, such as name what rows belong to, and how many values they have."""


def telling(columns: Sequence[Column], rows: Array, target: Array, *, are_classes: bool) -> Telling:
    """The columns that tell a target. rows: (N,) of the table; target: (M,) of the whole table, none is missing."""
    rows = random.generator(0, "telling").permutation(rows)
    found = Telling([], [], [], {})
    if len(rows) < 2:
        return found
    first = _Rows(rows[:FIRST_ROWS], target, columns, PROMISING, 0.0)
    stages = (first, _Rows(rows, target, columns, NEARLY, EVIDENCE))
    least = max(FEW_GROUPS, 2 * len(np.unique(target[rows])) if are_classes else 0)
    for column in columns:
        is_ordered = column.kind in ("number", "date")
        if is_ordered and not are_classes and all(stage.are_on_a_line(column) for stage in stages):
            found.by_line.append(column)
        elif all(stage.agree_by_value(column) for stage in stages):
            found.by_value.append(column)
            if (count := len(np.unique(column.values[rows]))) >= least:
                found.groups[column.name] = count
        if is_ordered and are_classes and all(stage.agree_by_order(column) for stage in stages):
            found.by_order.append(column)
    return found


def may_tell(columns: Sequence[Column], target: Array) -> list[Column]:
    """The columns that may tell a target by their values, by the rows of a part of a table, where all may be alike."""
    rows = random.generator(0, "telling").permutation(len(target))
    return [column for column in columns if _Rows(rows, target, (), PROMISING, 0.0).agree_by_value(column)]


class _Rows:
    """Rows in a random order: those of one value follow each other by chance."""

    def __init__(self, rows: Array, target: Array, columns: Sequence[Column], most: float, evidence: float) -> None:
        """most: the share of the pairs that may differ, of those that would by chance; evidence: so many would."""
        self.rows, self.target, self.columns = rows, target[rows], columns
        self.most, self.evidence = most, evidence
        different, self.codes = np.unique(self.target, return_inverse=True)
        self.borders = len(different) - 1
        self.differing = 1.0 - float(np.square(np.bincount(self.codes) / len(rows)).sum())  # of any two rows

    def agree_by_value(self, column: Column) -> bool:
        values = column.values[self.rows]
        if column.kind == "number" and (np.floor(values) != values)[~np.isnan(values)].any():
            return False
        order = np.argsort(values, kind="stable")
        pairs = np.flatnonzero(_same(values[order[:-1]], values[order[1:]]))
        one, other = order[pairs], order[pairs + 1]
        if not self._agree(one, other):
            return False
        copies = np.arange(len(pairs) if len(self.columns) > 1 else 0)
        for beside in self.columns:
            if beside is not column:
                of_one, of_other = (beside.values[self.rows[own[copies]]] for own in (one, other))
                copies = copies[_same(of_one, of_other)]
        one, other = np.delete(one, copies), np.delete(other, copies)
        return self._agree(one, other)

    def agree_by_order(self, column: Column) -> bool:
        values = column.values[self.rows]
        order = np.argsort(values, kind="stable")
        one, other = order[:-1], order[1:]
        if not self._agree(one, other, self.borders):
            return False
        differ = ~_same(values[one], values[other])
        return self._agree(one[differ], other[differ], self.borders)

    def are_on_a_line(self, column: Column) -> bool:
        values = column.values[self.rows]
        present = ~np.isnan(values)
        values, target = values[present], self.target[present]
        if not _is_straight(values, target) and not _is_monotone(values, target):
            return False
        return min(len(np.unique(values)), len(np.unique(target))) >= FEW_VALUES

    def _agree(self, one: Array, other: Array, borders: int = 0) -> bool:
        """Whether so few of these pairs differ. borders: how many must in any case."""
        expected = self.differing * len(one)
        differing = np.count_nonzero(self.codes[one] != self.codes[other]) - borders
        return len(one) > 0 and expected >= self.evidence and bool(differing <= self.most * expected)


def _same(one: Array, other: Array) -> Array:
    """(N,) where values are the same, or both are missing."""
    return np.asarray((one == other) | ((one != one) & (other != other)))


def _is_straight(values: Array, target: Array) -> bool:
    if abs(_correlation(values, target)) <= STRAIGHT:
        return False
    return abs(_correlation(_ranks(values), _ranks(target))) > RANKED


def _is_monotone(values: Array, target: Array) -> bool:
    """Whether the target never falls where the values grow, or never grows."""
    order = np.argsort(values, kind="stable")
    steps = np.diff(target[order])[np.diff(values[order]) > 0]
    if (steps < 0).any() and (steps > 0).any():
        return False
    return any((np.diff(own[np.lexsort((own, values))]) >= 0).all() for own in (target, -target))


def _correlation(one: Array, other: Array) -> float:
    """Pearson's; 0 where one of them is constant or too large."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        one, other = one - one.mean() if len(one) else one, other - other.mean() if len(other) else other
        found = float((one @ other) / np.sqrt((one @ one) * (other @ other)))
    return found if np.isfinite(found) else 0.0


def _ranks(values: Array) -> Array:
    """(N,) positions in their order, the mean one for values that are equal."""
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[codes.reshape(-1)])
