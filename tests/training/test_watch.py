"""Which epoch was the best."""

from __future__ import annotations

import math

import pytest

from nnctl.training.watch import Watch


def kept(watch: Watch, *values: float) -> list[bool]:
    return [watch.update(value, epoch) for epoch, value in enumerate(values, start=1)]


def test_lower_is_better() -> None:
    watch = Watch("loss", higher_is_better=False)
    assert kept(watch, 3.0, 2.0, 2.0, 2.5, 1.0) == [True, True, False, False, True]
    assert (watch.best, watch.epoch) == (1.0, 5)


def test_higher_is_better() -> None:
    watch = Watch("accuracy", higher_is_better=True)
    assert kept(watch, 0.1, 0.3, 0.2) == [True, True, False]
    assert (watch.best, watch.epoch) == (0.3, 2)


@pytest.mark.parametrize("higher", [True, False])
def test_a_gain_must_be_larger_than_min_delta(higher: bool) -> None:
    sign = 1 if higher else -1
    watch = Watch("x", higher_is_better=higher, min_delta=0.5)
    assert kept(watch, 0.0, sign * 0.5, sign * 0.75, sign * 1.0, sign * 1.5) == [True, False, True, False, True]


@pytest.mark.parametrize("higher", [True, False])
def test_nan_never_beats_a_number_and_any_number_beats_nan(higher: bool) -> None:
    watch = Watch("x", higher_is_better=higher)
    assert kept(watch, math.nan, math.nan, 5.0, math.nan) == [True, True, True, False]
    assert (watch.best, watch.epoch) == (5.0, 3)
    assert kept(Watch("x", higher_is_better=higher), math.nan)[0]
