"""The tallies themselves: shapes, and what each counts."""

from __future__ import annotations

import numpy as np

from nnctl.kernels import cpu
from nnctl.metrics.tally import CONFUSION, ERRORS, LOG_ERRORS, RANKS
from tests.support.metric_check import ALIKE


def test_shapes() -> None:
    assert CONFUSION.zeros(3, 3).shape == (3, 3)
    assert RANKS.zeros(3, 3).shape == (3,)
    assert ERRORS.zeros(2, 0).shape == (6, 2)
    assert LOG_ERRORS.zeros(2, 0).shape == (2, 2)


def test_confusion_rows_are_targets_and_the_first_maximum_wins() -> None:
    tally = CONFUSION.zeros(3, 3)
    outputs = np.array([[0, 5, 5], [1, 1, 1], [0, 0, 2]], np.float32)
    CONFUSION.add(tally, outputs, np.array([2, 1, 2]), ALIKE, 0.0, cpu)
    np.testing.assert_array_equal(tally, [[0, 0, 0], [1, 0, 0], [0, 1, 1]])


def test_ranks_count_ties_against_the_target() -> None:
    tally = RANKS.zeros(3, 3)
    outputs = np.array([[3, 2, 1], [3, 3, 1], [1, 1, 1], [2, np.nan, 1], [np.nan, 1, 0]], np.float32)
    RANKS.add(tally, outputs, np.array([0, 0, 0, 0, 0]), ALIKE, 0.0, cpu)
    np.testing.assert_array_equal(tally, [1, 2, 2])


def test_binary_outputs_at_the_threshold_count_as_zero() -> None:
    tally = CONFUSION.zeros(2, 2)
    outputs, targets = np.array([[0.5, 0.6], [0.4, 0.5]], np.float32), np.array([[0, 1], [1, 1]], np.float32)
    CONFUSION.add(tally, outputs, targets, ALIKE, 0.5, cpu)
    np.testing.assert_array_equal(tally, [[1, 0], [2, 1]])


def test_errors_in_float64_of_float32_outputs() -> None:
    """Neither 4097 squared nor 2**24 + 1 has a float32: each step is taken in float64."""
    tally = ERRORS.zeros(1, 0)
    outputs, targets = np.array([[2.0**24], [4097.0], [0.0]], np.float32), np.array([[-1.0], [0.0], [1.0]], np.float32)
    ERRORS.add(tally, outputs, targets, ALIKE, 0.0, cpu)
    large = 2**24 + 1
    np.testing.assert_array_equal(tally[:, 0], [3, large + 4097 + 1, large**2 + 4097**2 + 1, 0, 2, large + 4097 - 1])


def test_the_batches_make_no_difference_to_the_bits() -> None:
    generator = np.random.default_rng(9)
    outputs, targets = generator.normal(size=(2, 20, 3)).astype(np.float32)
    whole, parts = ERRORS.zeros(3, 0), ERRORS.zeros(3, 0)
    ERRORS.add(whole, outputs, targets, ALIKE, 0.0, cpu)
    for start in range(0, 20, 7):
        ERRORS.add(parts, outputs[start : start + 7], targets[start : start + 7], ALIKE, 0.0, cpu)
    assert whole.tobytes() == parts.tobytes()
