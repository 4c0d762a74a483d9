"""The tallies themselves: shapes, and what each counts."""

from __future__ import annotations

import numpy as np

from nnctl.kernels import cpu
from nnctl.metrics.tally import CONFUSION, ERRORS, LOG_ERRORS, RANKS, ROWS, Sizes, collected
from tests.support.metric_check import ALIKE

CLASSES = Sizes(outputs=3, classes=3, targets=1, rows=5)
VALUES = Sizes(outputs=2, classes=2, targets=2, rows=5)


def test_shapes() -> None:
    assert CONFUSION.zeros(CLASSES).shape == (3, 3)
    assert RANKS.zeros(CLASSES).shape == (3,)
    assert ERRORS.zeros(VALUES).shape == (6, 2)
    assert LOG_ERRORS.zeros(VALUES).shape == (2, 2)
    assert ROWS.zeros(CLASSES).shape == (6, 5)
    assert ROWS.zeros(VALUES).shape == (6, 5)


def test_confusion_rows_are_targets_and_the_first_maximum_wins() -> None:
    tally = CONFUSION.zeros(CLASSES)
    outputs = np.array([[0, 5, 5], [1, 1, 1], [0, 0, 2]], np.float32)
    CONFUSION.add(tally, outputs, np.array([2, 1, 2]), ALIKE, 0.0, cpu)
    np.testing.assert_array_equal(tally, [[0, 0, 0], [1, 0, 0], [0, 1, 1]])


def test_ranks_count_ties_against_the_target() -> None:
    tally = RANKS.zeros(CLASSES)
    outputs = np.array([[3, 2, 1], [3, 3, 1], [1, 1, 1], [2, np.nan, 1], [np.nan, 1, 0]], np.float32)
    RANKS.add(tally, outputs, np.array([0, 0, 0, 0, 0]), ALIKE, 0.0, cpu)
    np.testing.assert_array_equal(tally, [1, 2, 2])


def test_binary_outputs_at_the_threshold_count_as_zero() -> None:
    tally = CONFUSION.zeros(VALUES)
    outputs, targets = np.array([[0.5, 0.6], [0.4, 0.5]], np.float32), np.array([[0, 1], [1, 1]], np.float32)
    CONFUSION.add(tally, outputs, targets, ALIKE, 0.5, cpu)
    np.testing.assert_array_equal(tally, [[1, 0], [2, 1]])


def test_errors_in_float64_of_float32_outputs() -> None:
    """Neither 4097 squared nor 2**24 + 1 has a float32: each step is taken in float64."""
    tally = ERRORS.zeros(Sizes(1, 2, 1, 5))
    outputs, targets = np.array([[2.0**24], [4097.0], [0.0]], np.float32), np.array([[-1.0], [0.0], [1.0]], np.float32)
    ERRORS.add(tally, outputs, targets, ALIKE, 0.0, cpu)
    large = 2**24 + 1
    np.testing.assert_array_equal(tally[:, 0], [3, large + 4097 + 1, large**2 + 4097**2 + 1, 0, 2, large + 4097 - 1])


def test_the_batches_make_no_difference_to_the_bits() -> None:
    generator = np.random.default_rng(9)
    outputs, targets = generator.normal(size=(2, 20, 3)).astype(np.float32)
    whole, parts = (ERRORS.zeros(Sizes(3, 2, 3, 20)) for _ in range(2))
    ERRORS.add(whole, outputs, targets, ALIKE, 0.0, cpu)
    for start in range(0, 20, 7):
        ERRORS.add(parts, outputs[start : start + 7], targets[start : start + 7], ALIKE, 0.0, cpu)
    assert whole.tobytes() == parts.tobytes()


def test_of_two_classes_the_second_must_be_larger_by_the_threshold() -> None:
    tally = CONFUSION.zeros(Sizes(outputs=2, classes=2, targets=1, rows=5))
    outputs = np.array([[1, 2], [1, 2.5], [1, 3.5], [0, np.inf], [np.nan, 9]], np.float32)
    CONFUSION.add(tally, outputs, np.array([0, 1, 1, 1, 0]), ALIKE, 1.5, cpu)
    np.testing.assert_array_equal(tally, [[2, 0], [1, 2]])


def test_rows_are_those_that_count_in_their_order() -> None:
    """Neither those without a target, nor those of weight 0."""
    tally = ROWS.zeros(VALUES)
    outputs, targets = np.arange(10.0, dtype=np.float32).reshape(5, 2), np.full((5, 2), 9, np.float32)
    targets[1] = np.nan
    given = np.array([0.5, 1, 2, 0, 3])
    for batch in (slice(2), slice(2, 5)):
        ROWS.add(tally, outputs[batch], targets[batch], given[batch], 0.0, cpu)
    found, wanted, weights = collected(tally)
    np.testing.assert_array_equal(found, outputs[[0, 2, 4]])
    np.testing.assert_array_equal(wanted, np.full((3, 2), 9))
    np.testing.assert_array_equal(weights, [0.5, 2, 3])


def test_rows_of_classes() -> None:
    tally = ROWS.zeros(CLASSES)
    outputs = np.arange(12.0, dtype=np.float32).reshape(4, 3)
    ROWS.add(tally, outputs, np.array([2, -1, 0, 1]), np.array([1, 1, 0.5, 0]), 0.0, cpu)
    found, wanted, weights = collected(tally)
    np.testing.assert_array_equal(found, outputs[[0, 2]])
    np.testing.assert_array_equal(wanted, [2, 0])
    np.testing.assert_array_equal(weights, [1, 0.5])


def test_rows_without_weights_count_one_each() -> None:
    tally = ROWS.zeros(CLASSES)
    ROWS.add(tally, np.zeros((2, 3), np.float32), np.array([2, 0]), ALIKE, 0.0, cpu)
    np.testing.assert_array_equal(collected(tally)[2], [1, 1])
