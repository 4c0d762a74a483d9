"""Which stretches of a text are trained on, validated with and tested on: by position, so that none shares anything."""

from __future__ import annotations

from typing import NamedTuple

from nnctl.data.source import Array
from nnctl.data.splits.split import Fold
from nnctl.errors import DataError, Problem

Stretches = tuple[tuple[int, int], ...]
"""Of a text, each from its first character to the one behind its last."""


class Parts(NamedTuple):
    """The stretches of each split; empty where there is none."""

    train: Stretches
    validation: Stretches
    test: Stretches


def parts_of(count: int, validation: float | None, test: float | None, fold: Fold | None) -> Parts:
    """The last characters are for testing, or those of a fold; of the others the last ones for validation.

    count: of the characters. validation, test: what share of them. Raises DataError where nothing is left.
    """
    train: Stretches = ((0, count),)
    tested: Stretches = ()
    validated: Stretches = ()
    if fold is not None:
        first, end = (count * number // fold.folds for number in (fold.number - 1, fold.number))
        train, tested = tuple(part for part in ((0, first), (end, count)) if part[0] < part[1]), ((first, end),)
    elif test is not None:
        train, tested = _cut(train, test, "test")
    if validation is not None:
        train, validated = _cut(train, validation, "validation")
    return Parts(train, validated, tested)


def _cut(stretches: Stretches, share: float, key: str) -> tuple[Stretches, Stretches]:
    """What stays, and the last share of it. key: of the config."""
    count = sum(end - first for first, end in stretches)
    left = round(share * count)
    if left in (0, count):
        taken = "none" if left == 0 else "all"
        what = f"is {share}: of {count:,} characters {key} takes {taken}"
        raise DataError(Problem(what, path=f"data.{key}", help="give a longer text, or another fraction"))
    staying, taken_ones = list(stretches), []
    while left:
        first, end = staying.pop()
        border = max(first, end - left)
        taken_ones.append((border, end))
        left -= end - border
        if border > first:
            staying.append((first, border))
    return tuple(staying), tuple(reversed(taken_ones))


def stretches_of(codes: Array, stretches: Stretches) -> list[Array]:
    """Their characters. codes: (N,)."""
    return [codes[first:end] for first, end in stretches]
