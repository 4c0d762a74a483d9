"""Where errors are: parts of the samples, in words, whose loss stands out from the others'.

Conditions are found on one half of the samples, and named where the other half confirms them, so that nothing is named
that chance alone would make. Source of the honest halves: Athey and Imbens 2016, "Recursive partitioning for
heterogeneous causal effects".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.commands.conditions import Among, Condition, joined
from nnctl.commands.loss_tree import MOST_NAMED, Floats, Rows, paths
from nnctl.data.table.table import Column

MOST = 5  # slices
DEPTH = 3  # conditions
LEAST, LEAST_SHARE = 20, 0.02  # samples of a slice
CHANCE = 0.01  # that anything is named where nothing is to be found
LEAST_EFFECT = 0.25  # standard deviations by which a slice is worse: less is no news, however many samples tell it
LEAST_RATIO = 1.2  # of its mean loss to that of all
FEWEST = 5  # samples that tell a mean
SURELY = 3.0  # standard errors, by which a mean is taken for less than it is: a few samples may be the worst by chance
SURELY_OF_CLASS = 2.0  # the same for a true class: of slices that are mostly the same it tells the most
MOST_SEARCHED = 1 << 22  # cells that the tree is grown on


@dataclass(frozen=True)
class Slice:
    """conditions: that hold in all of it. rows: which samples it has, (N,) truth values."""

    conditions: tuple[Condition, ...]
    rows: NDArray[np.bool_]
    is_true_class: bool = False
    """Whether it is the samples of one class."""

    @classmethod
    def of(cls, conditions: Sequence[Condition], is_true_class: bool = False) -> Slice:
        """The samples in which all of these hold, those on one column as one."""
        own = joined(conditions)
        return cls(own, np.logical_and.reduce([condition.holds() for condition in own]), is_true_class)

    @property
    def key(self) -> frozenset[Any]:
        """What makes it different from another one."""
        return frozenset(condition.key for condition in self.conditions)

    @property
    def parts(self) -> int:
        """How many conditions it is made of."""
        return sum(condition.parts for condition in self.conditions)

    @property
    def text(self) -> str:
        """For people."""
        return " and ".join(condition.text() for condition in self.conditions)


@dataclass(frozen=True)
class Classes:
    """The classes of the samples, each of which may be a slice by itself. Together with other conditions a class would
    name the errors by themselves: what is of one class, and looks like another.

    are_true: whether they are the samples' own, else those that are predicted.
    """

    column: Column
    are_true: bool

    def take(self, rows: Rows) -> Classes:
        """Of these samples. rows: (M,)."""
        return Classes(self.column.take(rows), self.are_true)

    def slices(self) -> list[Slice]:
        """One a class that occurs."""
        occurring = np.unique(self.column.values).tolist()
        return [
            Slice.of([Among(self.column, frozenset([position]))], is_true_class=self.are_true) for position in occurring
        ]

    def compared(self, roots: Floats) -> Floats:
        """What is compared between classes: losses, true ones by the loss of a network that knows their shares alone.

        By right, a class that is rare has a large loss where little tells its samples from others.
        """
        counts = np.bincount(self.column.values)
        if not self.are_true or counts.max() == len(roots):
            return roots
        return np.asarray(roots / np.sqrt(-np.log(counts[self.column.values] / len(roots))))


def find_slices(
    losses: Floats, columns: Sequence[Column], classes: Sequence[Classes], seed: int, *, is_ordered: bool
) -> list[Slice]:
    """The parts of the samples that stand out, the largest mean loss first.

    losses: (N,), finite. columns: what they may be told apart by, of N values each. is_ordered: whether samples follow
    each other in time: then the halves are the earlier and the later one, else they are drawn.

    Everything is compared in roots of losses, in which a few large ones weigh less: of a squared error that is its
    size. Either of two tests may tell, with Bonferroni's correction for all that are tried: Student's, by the larger of
    two variances, which sees a few large losses among many small ones, and the rank sum of Wilcoxon 1945. What is named
    stands out among the samples that are in none that is named before.
    """
    count = len(losses)
    least = max(LEAST, int(np.ceil(LEAST_SHARE * count)))
    if count < 2 * least:
        return []
    roots = np.sqrt(losses - min(0.0, float(losses.min())))
    order = np.arange(count) if is_ordered else random.generator(seed, "slices").permutation(count)
    searched, confirming = order[: count // 2], order[count // 2 :]
    searched = np.sort(searched[:: -(-len(searched) * len(columns) // MOST_SEARCHED) or 1])
    in_leaf = 1 + 2 * least * len(searched) // (3 * count)  # by chance the other half may have more of a slice
    found = {made.key: made for made in _from_tree(columns, roots, searched, in_leaf)}
    every = np.arange(count)
    tried = [_Candidate(made, own.compared(roots), every) for own in classes for made in own.slices()]
    tried += [_Candidate(made, roots, confirming) for made in found.values()]
    candidates = [
        own
        for own in tried
        if own.made.rows.sum() >= least
        and losses[own.made.rows].mean() > losses.mean()
        and own.stands_out(own.rows, len(tried))
    ]
    candidates = [own for own in candidates if all(own.is_news(other, len(tried)) for other in candidates)]
    chosen: list[Slice] = []
    left = np.ones(count, bool)
    for own in sorted(candidates, key=lambda own: -_surely(roots[confirming[own.made.rows[confirming]]], own.made)):
        is_new = not any(_are_mostly_the_same(own.made, other) for other in chosen)
        if len(chosen) < MOST and is_new and own.stands_out(own.rows[left[own.rows]], len(tried)):
            chosen.append(own.made)
            left &= ~own.made.rows
    return sorted(chosen, key=lambda made: -float(losses[made.rows].mean()))


@dataclass(frozen=True)
class _Candidate:
    """A slice that may stand out. values: (N,), what is compared, roots of losses. rows: (M,), on which samples."""

    made: Slice
    values: Floats
    rows: Rows

    def stands_out(self, rows: Rows, tried: int) -> bool:
        """Whether it does among these samples, by more than chance makes one of so many that are tried."""
        return _stands_out(self.values[rows], self.made.rows[rows], tried)

    def is_news(self, other: _Candidate, tried: int) -> bool:
        """Whether all of its conditions are confirmed: it stands out in one of fewer conditions that holds it."""
        made = other.made
        if made.parts >= self.made.parts or (self.made.rows & ~made.rows).any():
            return True
        return self.stands_out(self.rows[made.rows[self.rows]], tried)


def _from_tree(columns: Sequence[Column], roots: Floats, rows: Rows, least: int) -> Iterator[Slice]:
    """Of the conditions on the way to each leaf all, and some without the others; each of several categories alone."""
    for path in paths(columns, roots, rows, least, DEPTH):
        for condition in path:
            if isinstance(condition, Among) and len(condition.positions) <= MOST_NAMED:
                yield from (Slice.of([Among(condition.column, frozenset([at]))]) for at in sorted(condition.positions))
        for number in range(1, len(path) + 1):
            yield from map(Slice.of, combinations(path, number))


def _stands_out(values: Floats, inside: NDArray[np.bool_], tried: int) -> bool:
    """Whether the mean inside is above that of the others. values: (M,), roots of losses."""
    own, others = values[inside], values[~inside]
    if len(own) < FEWEST or len(others) < FEWEST:
        return False
    difference = float(own.mean() - others.mean())
    is_little = np.square(own).mean() <= LEAST_RATIO * np.square(values).mean()
    if is_little or difference <= LEAST_EFFECT * float(values.std()):
        return False
    certainty = 1 - CHANCE / (2 * tried)
    variance = max(own.var(ddof=1), others.var(ddof=1))  # a few may be alike by chance
    error = float(np.sqrt(variance * (1 / len(own) + 1 / len(others))))
    ranks = _ranks(values)
    rank_error = float(np.sqrt(ranks.var(ddof=1) * (1 / len(own) - 1 / len(values))))
    return (
        difference > _quantile_of_t(certainty, len(own) - 1) * error
        or ranks[inside].mean() - ranks.mean() > NormalDist().inv_cdf(certainty) * rank_error
    )


def _ranks(values: Floats) -> Floats:
    """From the least to the largest, equal ones in the middle of theirs."""
    _, positions, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - counts / 2)[positions.reshape(-1)])


def _quantile_of_t(probability: float, freedom: int) -> float:
    """Of Student's distribution, from the normal one's. Source: Abramowitz and Stegun 1964, 26.7.5."""
    z = NormalDist().inv_cdf(probability)
    return float(
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * freedom**4)
    )


def _surely(values: Floats, made: Slice) -> float:
    """What the mean of these is at least, as far as one knows. values: those of a slice."""
    if len(values) < FEWEST:
        return -np.inf
    errors = SURELY_OF_CLASS if made.is_true_class else SURELY
    return float(values.mean() - errors * values.std(ddof=1) / np.sqrt(len(values)))


def _are_mostly_the_same(one: Slice, other: Slice) -> bool:
    """Whether most samples of one of them are in both."""
    return int((one.rows & other.rows).sum()) * 2 > min(int(one.rows.sum()), int(other.rows.sum()))
