"""Robust statistics of short series."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.diagnoses.statistics import CERTAIN, noise, series, slope, smoothed, tail, trend

numbers = st.lists(st.integers(-1000, 1000).map(float), min_size=4, max_size=30).map(np.array)


@given(numbers)
def test_slope_and_trend_are_those_of_all_pairs(values: np.ndarray) -> None:
    pairs = list(combinations(range(len(values)), 2))
    assert slope(values) == pytest.approx(np.median([(values[j] - values[i]) / (j - i) for i, j in pairs]))
    n, total = len(values), sum(np.sign(values[j] - values[i]) for i, j in pairs)
    assert trend(values) == pytest.approx(total / math.sqrt(n * (n - 1) * (2 * n + 5) / 18))


def test_the_deviation_of_normal_numbers_is_found_under_a_trend() -> None:
    random = np.random.default_rng(0)
    values = 0.5 * random.normal(size=4000) + np.linspace(0, 1000, 4000)
    assert noise(values) == pytest.approx(0.5, rel=0.05)
    assert noise(np.linspace(3, 90, 50)) == pytest.approx(0, abs=1e-9)
    assert noise(np.array([1.0, 5.0, 2.0])) == 0.0


def test_one_odd_value_moves_nothing() -> None:
    values = np.arange(20.0)
    values[7] = 1e9
    assert slope(values) == 1.0
    assert noise(values) == 0.0
    assert trend(values) > CERTAIN
    assert smoothed(values)[7] == 8.0


def test_chance_is_seldom_a_trend() -> None:
    """The limit is that of a test at the level of 1 %, also of five values, all of which must fall."""
    random = np.random.default_rng(1)
    for length, most in ((5, 0.02), (12, 0.02), (40, 0.02)):
        falls = [trend(random.normal(size=length)) < -CERTAIN for _ in range(2000)]
        assert np.mean(falls) < most
    assert trend(-np.arange(5.0)) < -CERTAIN


def test_a_long_series_has_the_slope_of_some_of_its_values() -> None:
    assert slope(np.arange(10_001.0) * 3) == pytest.approx(3)
    assert trend(np.arange(10_001.0)) > 20


def test_parts_of_a_series() -> None:
    assert tail(np.arange(30.0), 1 / 3).tolist() == list(range(20, 30))
    assert tail(np.arange(9.0), 1 / 3).tolist() == [4, 5, 6, 7, 8]
    assert np.isnan(series([1.0, None])).tolist() == [False, True]
    assert smoothed(np.array([3.0, 1.0])).tolist() == [3.0, 1.0]
