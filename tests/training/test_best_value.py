"""Which epoch was the best."""

from __future__ import annotations

import math

import pytest

from nnctl.training.best_value import BestValue


def updates(best: BestValue, *values: float) -> list[bool]:
    return [best.update(value, epoch) for epoch, value in enumerate(values, start=1)]


def test_lower_is_better() -> None:
    best = BestValue("loss", higher_is_better=False)
    assert updates(best, 3.0, 2.0, 2.0, 2.5, 1.0) == [True, True, False, False, True]
    assert (best.value, best.epoch) == (1.0, 5)


def test_higher_is_better() -> None:
    best = BestValue("accuracy", higher_is_better=True)
    assert updates(best, 0.1, 0.3, 0.2) == [True, True, False]
    assert (best.value, best.epoch) == (0.3, 2)


@pytest.mark.parametrize("higher", [True, False])
def test_a_gain_must_be_larger_than_min_delta(higher: bool) -> None:
    sign = 1 if higher else -1
    best = BestValue("x", higher_is_better=higher, min_delta=0.5)
    assert updates(best, 0.0, sign * 0.5, sign * 0.75, sign * 1.0, sign * 1.5) == [True, False, True, False, True]


@pytest.mark.parametrize("higher", [True, False])
def test_nan_never_beats_a_number_and_any_number_beats_nan(higher: bool) -> None:
    best = BestValue("x", higher_is_better=higher)
    assert updates(best, math.nan, math.nan, 5.0, math.nan) == [True, True, True, False]
    assert (best.value, best.epoch) == (5.0, 3)
    assert updates(BestValue("x", higher_is_better=higher), math.nan)[0]


@pytest.mark.parametrize("higher", [True, False])
def test_a_threshold_is_reached_by_however_small_a_gain(higher: bool) -> None:
    sign = 1 if higher else -1
    best = BestValue("x", higher_is_better=higher, min_delta=0.5, threshold=sign * 1.0)
    assert updates(best, sign * 0.9) == [True]
    assert not best.is_good_enough
    assert updates(best, sign * 0.95, math.nan, sign * 1.0) == [False, False, True]
    assert best.is_good_enough
    assert not updates(best, sign * 0.5)[0]
    assert best.is_good_enough


def test_without_a_threshold_nothing_is_good_enough() -> None:
    best = BestValue("loss", higher_is_better=False)
    assert not best.is_good_enough
    updates(best, 0.0)
    assert not best.is_good_enough
