"""Intervals of the errors on validation samples."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.target_transform import TargetTransform
from nnctl.kernels import cpu
from nnctl.metrics.tally import ROWS, Sizes
from nnctl.model import conformal
from nnctl.model.conformal import Intervals, at_level, can_keep_errors, errors_to_keep, samples_for
from tests.support.metric_check import ALIKE, Array

LOG = TargetTransform(log=True, mean=(0.0,), std=(1.0,), least=(0.0,), largest=(2.0,))


def kept(outputs: Array, targets: Array, weights: Array = ALIKE, transform: TargetTransform | None = None) -> Array:
    """outputs, targets: (N, K)."""
    tally = ROWS.zeros(Sizes(outputs.shape[1], 2, outputs.shape[1], len(outputs)))
    ROWS.add(tally, outputs, targets, weights, 0.5, cpu)
    return errors_to_keep(tally, transform)


def naive(errors: Array, level: str) -> float:
    """Lei et al. 2018, section 2.2: the k-th smallest of n errors, k = ceil((n + 1) level), in exact arithmetic."""
    k = math.ceil((len(errors) + 1) * Fraction(level))
    return float(sorted(errors)[k - 1]) if k <= len(errors) else math.inf


@given(samples=st.integers(1, 60), percent=st.integers(1, 99), seed=st.integers(0, 2**32))
def test_the_error_is_the_textbooks(samples: int, percent: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    outputs, targets = generator.integers(-5, 6, (2, samples, 2)).astype(float)
    level = f"{percent / 100:.2f}"
    expected = [naive(column, level) for column in np.abs(outputs - targets).T]
    assert (samples < samples_for(float(level))) == (expected[0] == math.inf)
    if expected[0] < math.inf:
        np.testing.assert_array_equal(at_level(kept(outputs, targets), float(level)), expected)


@pytest.mark.parametrize("level", ["0.5", "0.8", "0.9", "0.93"])
def test_of_exchangeable_samples_just_the_right_number_is_covered(level: str) -> None:
    """Each in turn is the new one: ceil((n + 1) level) of n + 1 are covered, not nearly so many."""
    errors = np.random.default_rng(1).permutation(np.arange(40.0))[:, np.newaxis] ** 2
    covered = 0
    for new in range(len(errors)):
        others = np.delete(errors, new, axis=0)
        covered += bool(errors[new] <= at_level(kept(np.zeros_like(others), others), float(level)))
    assert covered == math.ceil(len(errors) * Fraction(level))


def test_the_samples_that_a_level_needs() -> None:
    assert [samples_for(level) for level in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)] == [1, 4, 9, 19, 99, 999]
    assert [samples_for(level) for level in (0.01, 0.51)] == [1, 2]


@given(samples=st.integers(8, 300), seed=st.integers(0, 2**32))
def test_where_errors_are_thinned_intervals_are_rather_too_wide(samples: int, seed: int) -> None:
    errors = np.random.default_rng(seed).exponential(size=(samples, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conformal, "MOST_KEPT", 7)
        few = kept(np.zeros_like(errors), errors)
    assert few.shape == (1, 7)
    for level in ("0.1", "0.5", "0.8", "0.87"):
        found = at_level(few, float(level))[0]
        assert naive(errors[:, 0], level) <= found <= naive(errors[:, 0], f"{float(level) + 0.124:.3f}")


def test_of_many_outputs_fewer_errors_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformal, "MOST_IN_ALL", 20)
    assert kept(np.zeros((30, 4)), np.ones((30, 4))).shape == (4, 5)
    assert kept(np.zeros((30, 40)), np.ones((30, 40))).shape == (40, 1)


def test_without_rows_nothing_is_kept() -> None:
    assert kept(np.zeros((2, 3)), np.full((2, 3), np.nan)).shape == (3, 0)


def test_rows_count_by_their_weights() -> None:
    """Four rows and a new one of the mean weight, 2.5: shares of 0.32, 0.64, 0.72 and 0.8 of all that they weigh."""
    errors = np.array([[3.0], [1.0], [2.0], [4.0]])
    weights = np.array([1.0, 4.0, 4.0, 1.0])
    for scale in (1.0, 0.3):
        made = kept(np.zeros_like(errors), errors, scale * weights)
        np.testing.assert_array_equal(made, [[1.0, 2.0, 2.0, 4.0]])  # of at least 0.2, 0.4, 0.6 and 0.8
    for scale in (1.0, 0.3):
        alike = kept(np.zeros_like(errors), errors, np.full(4, scale))
        np.testing.assert_array_equal(alike, [[1.0, 2.0, 3.0, 4.0]])


def test_errors_of_logarithms_are_factors() -> None:
    outputs, targets = np.array([[1.0], [2.0], [3.0]]), np.array([[2.0], [2.0], [1.0]])
    errors = kept(outputs, targets, transform=LOG)
    np.testing.assert_allclose(np.exp(errors), [[1, 2, 3]])
    made = Intervals(0.5, at_level(errors, 0.5), LOG, is_count=False)
    low, high = made.around(np.array([[10.0], [0.1]]))
    np.testing.assert_allclose(low, [[5], [0.05]])
    np.testing.assert_allclose(high, [[20], [0.2]])
    targets = np.array([[5.1], [0.21]])
    np.testing.assert_array_equal(made.covered(np.array([[10.0], [0.1]]), targets), [[True], [False]])


def test_errors_are_those_of_clipped_predictions() -> None:
    """Beyond exp(2 + 1) no prediction is believed, and none is written."""
    errors = kept(np.array([[np.exp(9.0)], [np.inf], [np.nan]]), np.array([[1.0], [1.0], [1.0]]), transform=LOG)
    np.testing.assert_allclose(errors, [[3, 3, np.inf]])


def test_what_is_counted_is_not_negative() -> None:
    values = np.array([[1.0], [5.0]])
    for is_count, lowest in ((True, 0.0), (False, -1.0)):
        low, high = Intervals(0.9, np.array([2.0]), None, is_count).around(values)
        np.testing.assert_array_equal(low, [[lowest], [3.0]])
        np.testing.assert_array_equal(high, [[3.0], [7.0]])


def test_errors_are_kept_of_ten_million_targets_at_most() -> None:
    assert can_keep_errors(Sizes(outputs=2, classes=0, targets=2, rows=5_000_000))
    assert not can_keep_errors(Sizes(outputs=2, classes=0, targets=2, rows=5_000_001))
