"""A regression tree of losses: the conditions on columns that tell samples of large losses from others.

Source: Breiman, Friedman, Olshen and Stone 1984, "Classification and regression trees", sections 8.3 and 4.2 (the
categories of a column are split in the order of their means).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.conditions import MISSING, Among, Condition, Range, only_missing
from nnctl.data.table.table import Column

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Path = tuple[Condition, ...]
Split = tuple[float, Condition, Condition]

LEAST_OF_CATEGORY = 4  # samples that tell its mean: rarer ones stay together
MOST_NAMED = 4  # categories: a longer list is no answer


def paths(columns: Sequence[Column], losses: Floats, rows: Rows, least: int, depth: int) -> Iterator[Path]:
    """The conditions that lead to each leaf, from the root on.

    columns: of N values each; what has labels is split by these, anything else by its numbers. losses: (N,). rows: (M,)
    those that the tree is grown on. least: of these in a leaf. depth: the most conditions.
    """
    split = best_split(columns, losses, rows, least) if depth and len(rows) >= 2 * least else None
    if split is None:
        yield ()
        return
    for condition in split[1:]:
        inside = rows[condition.holds()[rows]]
        for rest in paths(columns, losses, inside, least, depth - 1):
            yield (condition, *rest)


def best_split(columns: Sequence[Column], losses: Floats, rows: Rows, least: int) -> Split | None:
    """The split that takes most off the sum of squared errors, how much that is, and its two sides; the first of equal
    ones. None where none takes off anything. Arguments as for `paths`.
    """
    own = losses[rows] - losses[rows].mean()  # so that a side's gain is its sum, squared, by its count
    floor = 1e-12 * float(np.square(losses[rows]).sum())  # of rounding
    best: Split | None = None
    for column in columns:
        by = _by_category if column.labels else _by_number
        found = by(column, column.values[rows], own, least)
        if found is not None and found[0] > (floor if best is None else best[0]):
            best = found
    return best


def _by_number(column: Column, values: Floats, losses: Floats, least: int) -> Split | None:
    """At a threshold, the missing values on the better side; or by whether the value is missing."""
    order = np.argsort(values, kind="stable")  # NaN last
    values, sums = values[order], np.cumsum(losses[order])
    known, total = int(np.count_nonzero(~np.isnan(values))), len(values)
    if not known:
        return None
    last = np.append(values[1:known] > values[: known - 1], True)  # of its value
    counts = np.flatnonzero(last) + 1
    without = sums[counts - 1]
    absent = total - known
    rest = sums[-1] - sums[known - 1]
    best: tuple[float, int, bool] | None = None
    for low_has_missing in (False, True) if absent else (False,):
        own, sum_of_own = (counts + absent, without + rest) if low_has_missing else (counts, without)
        gains = _gains(own, sum_of_own, total, sums[-1], least)
        place = int(np.argmax(gains))
        if np.isfinite(gains[place]) and (best is None or gains[place] > best[0]):
            best = float(gains[place]), int(counts[place]), low_has_missing
    if best is None:
        return None
    gain, count, low_has_missing = best
    if count == known:
        return gain, Range(column), only_missing(column)
    bound = roundest(float(values[count - 1]), float(values[count]))
    low = Range(column, at_most=bound, or_missing=low_has_missing)
    high = Range(column, above=bound, or_missing=bool(absent) and not low_has_missing)
    return gain, low, high


def _by_category(column: Column, values: NDArray[np.integer], losses: Floats, least: int) -> Split | None:
    """By whether the category is one of a few: of those with the largest means, or of those with the smallest."""
    positions = values.astype(np.int64) - MISSING  # from 0 on
    counts = np.bincount(positions, minlength=1 + len(column.labels))
    sums = np.bincount(positions, losses, minlength=len(counts))
    named = np.flatnonzero(counts >= LEAST_OF_CATEGORY)
    if not len(named):
        return None
    descending = named[np.argsort(-sums[named] / counts[named], kind="stable")]
    every = frozenset(range(MISSING, len(column.labels)))
    best: Split | None = None
    for order in (descending, descending[::-1]):
        order = order[:MOST_NAMED]
        gains = _gains(np.cumsum(counts[order]), np.cumsum(sums[order]), len(values), float(sums.sum()), least)
        place = int(np.argmax(gains))
        if np.isfinite(gains[place]) and (best is None or gains[place] > best[0]):
            chosen = frozenset((order[: place + 1] + MISSING).tolist())
            best = float(gains[place]), Among(column, chosen), Among(column, every - chosen)
    return best


def _gains(counts: NDArray[np.int64], sums: Floats, total: int, sum_of_all: float, least: int) -> Floats:
    """What each split takes off the squared errors, about their mean; -inf where a side has fewer than `least`.

    counts, sums: of one side.
    """
    others = total - counts
    gains = np.full(len(counts), -math.inf)
    fits = (counts >= least) & (others >= least)
    rest = sum_of_all - sums[fits]
    gains[fits] = np.square(sums[fits]) / counts[fits] + np.square(rest) / others[fits]
    return gains


def roundest(low: float, high: float) -> float:
    """A number x with few digits, low <= x < high."""
    middle = low + (high - low) / 2
    for digits in range(1, 18):
        for number in (middle, low):
            rounded = float(f"{number:.{digits}g}")
            if low <= rounded < high:
                return rounded
    return low
