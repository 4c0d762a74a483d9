"""Splits by a fraction and into folds: seeded, of an exact size, and with each class in its proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from nnctl import random
from nnctl.data.table.column_name import ColumnName
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec

Indices = NDArray[np.int64]


def split_off(
    rows: Indices, fraction: float, labels: Indices | None, seed: int, part: str, *, is_ordered: bool = False
) -> tuple[Indices, Indices]:
    """Rows that stay and rows that are taken, both in ascending order; round(fraction * N) are taken.

    is_ordered: whether the last ones are taken, and none is drawn.

    rows: (N,), ascending. labels: the class of every row of the file, to take from each class its proportion;
    None where there are no classes. part: `test` or `validation`, which names the random stream.
    Raises DataError where either would be empty.
    """
    count = round(fraction * len(rows))
    if count == 0 or count == len(rows):
        taken = f"{part} takes none" if count == 0 else f"{part} takes all"
        raise DataError(
            Problem(
                f"is {fraction}: of {len(rows):,} samples {taken}",
                path=f"data.{part}",
                help=f"give more samples, or a fraction of at least {1 / len(rows):.2g} that leaves some for training",
            )
        )
    if is_ordered:
        return rows[:-count], rows[-count:]
    stream = stream_of(seed, part)
    chosen = np.zeros(len(rows), dtype=bool)
    if labels is None:
        chosen[stream.permutation(len(rows))[:count]] = True
    else:
        own = labels[rows]
        for label, take in enumerate(shares(np.bincount(own), count)):
            members = np.flatnonzero(own == label)
            chosen[stream.permutation(members)[:take]] = True
    return rows[~chosen], rows[chosen]


def stream_of(seed: int, part: str) -> np.random.Generator:
    """The random stream that draws a part. part: `test` or `validation`."""
    return random.generator(seed, "split", ("test", "validation").index(part))


class Fold(Spec):
    """One of several parts of the samples, each of which is the test part once: `{number: 1, folds: 5}`."""

    number: int = Field(ge=1)
    """Which one, counted from 1."""
    folds: int = Field(ge=2)
    """How many there are."""
    group: ColumnName | None = None
    """A column of a table whose values are groups: rows of one value are in one fold."""

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Fold:
        if self.number > self.folds:
            raise ValueError(f"is fold {self.number} of {self.folds}; number them from 1 to {self.folds}")
        return self


def fold_off(rows: Indices, fold: Fold, labels: Indices | None, seed: int) -> tuple[Indices, Indices]:
    """Rows that stay and rows of the fold, both in ascending order. Over all folds each row is taken once.

    rows, labels: as in `split_off`; each class is spread evenly over the folds. Raises DataError for more folds than
    rows.
    """
    if fold.folds > len(rows):
        what = f"{fold.folds:,} folds of {len(rows):,} samples: some would be empty"
        raise DataError(Problem(what, path="data.fold", help=f"use at most {len(rows):,} folds"))
    order = random.generator(seed, "split", 2).permutation(len(rows))
    if labels is not None:
        order = order[np.argsort(labels[rows][order], kind="stable")]
    chosen = np.zeros(len(rows), dtype=bool)
    chosen[order[fold.number - 1 :: fold.folds]] = True
    return rows[~chosen], rows[chosen]


def shares(counts: Indices, total: int) -> Indices:
    """How many to take of each class, `total` in all. counts: (K,), how many there are.

    Largest remainder (Hamilton's method), in whole numbers; ties go to the first class. A class is not taken
    whole while the share of another that has samples to spare can be rounded up in its place.
    """
    exact = counts.astype(object) * total
    whole = exact // int(counts.sum())
    remainder = exact % int(counts.sum())
    spare = whole + 1 < counts
    order = sorted(range(len(counts)), key=lambda c: (counts[c] == 0, not spare[c], -remainder[c], c))
    for label in order[: total - int(whole.sum())]:
        whole[label] += 1
    return whole.astype(np.int64)
