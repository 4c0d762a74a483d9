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
