"""Splits: exact sizes, proportions, seeds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nnctl.data.splits.split import shares, split_off
from nnctl.errors import DataError


def rows(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(count, dtype=np.int64)


@settings(deadline=None)
@given(
    labels=st.lists(st.integers(0, 5), min_size=2, max_size=200),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**64 - 1),
    stratified=st.booleans(),
)
def test_sizes_are_exact_and_nothing_is_lost(labels: list[int], fraction: float, seed: int, stratified: bool) -> None:
    own = np.array(labels, dtype=np.int64)
    count = round(fraction * len(own))
    assume(0 < count < len(own))
    kept, taken = split_off(rows(len(own)), fraction, own if stratified else None, seed, "test")
    assert len(taken) == count
    assert sorted([*kept, *taken]) == list(range(len(own)))
    assert (np.diff(kept) > 0).all()
    assert (np.diff(taken) > 0).all()
    again = split_off(rows(len(own)), fraction, own if stratified else None, seed, "test")
    np.testing.assert_array_equal(again[1], taken)


@settings(deadline=None)
@given(counts=st.lists(st.integers(0, 60), min_size=1, max_size=8), data=st.data())
def test_shares_are_proportional(counts: list[int], data: st.DataObject) -> None:
    assume(sum(counts) > 1)
    total = data.draw(st.integers(1, sum(counts) - 1))
    taken = shares(np.array(counts), total)
    assert taken.sum() == total
    assert ((taken >= 0) & (taken <= counts)).all()
    for count, take in zip(counts, taken, strict=True):
        assert abs(Fraction(total * count, sum(counts)) - int(take)) <= 1
    exact = [Fraction(total * count, sum(counts)) for count in counts]
    spare = sum(int(share) + 1 < count for share, count in zip(exact, counts, strict=True))
    if total - sum(map(int, exact)) <= spare:  # every share that is rounded up can be one of a class with more samples
        assert all(take < count or count == 0 for take, count in zip(taken, counts, strict=True))


def test_known_shares() -> None:
    assert shares(np.array([50, 30, 20]), 10).tolist() == [5, 3, 2]
    assert shares(np.array([3, 3, 3]), 4).tolist() == [2, 1, 1]
    assert shares(np.array([1, 9]), 5).tolist() == [0, 5]  # the only sample of a class stays
    assert shares(np.array([1, 1]), 1).tolist() == [1, 0]
    assert shares(np.array([0, 4, 1]), 4).tolist() == [0, 3, 1]
    assert shares(np.array([2, 2, 9]), 10).tolist() == [2, 1, 7]  # 8 of 9 would be more than one away from 90 / 13


def test_seeds_and_parts_have_streams_of_their_own() -> None:
    chosen = [
        tuple(split_off(rows(100), 0.2, None, seed, part)[1])
        for seed, part in ((1, "test"), (2, "test"), (1, "validation"))
    ]
    assert len(set(chosen)) == 3


@pytest.mark.parametrize(("count", "fraction", "message"), [(4, 0.1, "takes none"), (4, 0.95, "takes all")])
def test_an_empty_part_is_refused_with_the_numbers(count: int, fraction: float, message: str) -> None:
    with pytest.raises(DataError, match=rf"data.validation: is {fraction}: of 4 samples validation {message}"):
        split_off(rows(count), fraction, None, 0, "validation")


def test_golden_rows() -> None:
    """These rows must never change: a checkpoint is evaluated on the very samples that were set aside."""
    assert split_off(rows(12), 0.25, None, 42, "test")[1].tolist() == [0, 7, 9]
    assert split_off(rows(12), 0.5, np.arange(12) % 3, 42, "validation")[1].tolist() == [0, 1, 6, 7, 8, 11]


def test_of_ordered_samples_the_last_are_taken() -> None:
    rows = np.arange(10, dtype=np.int64)
    rest, test = split_off(rows, 0.2, None, 0, "test", is_ordered=True)
    train, validation = split_off(rest, 0.25, None, 0, "validation", is_ordered=True)
    assert (test.tolist(), validation.tolist()) == ([8, 9], [6, 7])
    assert train.tolist() == [0, 1, 2, 3, 4, 5]
