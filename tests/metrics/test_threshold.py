"""The threshold that is best for a metric."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.kernels import cpu
from nnctl.metrics.accuracy import Accuracy
from nnctl.metrics.balanced_accuracy import BalancedAccuracy
from nnctl.metrics.f1 import F1
from nnctl.metrics.metric import Metric
from nnctl.metrics.precision import Precision
from nnctl.metrics.recall import Recall
from nnctl.metrics.tally import CONFUSION, ROWS, Sizes
from nnctl.metrics.threshold import Choice, best_threshold, boundary
from tests.support.metric_check import ALIKE, Array, coarse

METRICS = (Accuracy(), BalancedAccuracy(), F1(), Precision(), Recall())


def chosen(outputs: Array, targets: Array, metric: Metric, weights: Array = ALIKE) -> Choice:
    tally = ROWS.zeros(Sizes(outputs.shape[1], 2, 1 if targets.ndim == 1 else targets.shape[1], len(outputs)))
    ROWS.add(tally, outputs, targets, weights, 0.0, cpu)
    return best_threshold(tally, metric)


def confusion_at(threshold: float, outputs: Array, targets: Array) -> Array:
    """As the run has it: the kernel's."""
    tally = CONFUSION.zeros(Sizes(outputs.shape[1], 2, 1, 0))
    CONFUSION.add(tally, outputs, targets, ALIKE, boundary(0.0, threshold), cpu)
    return tally


@given(
    samples=st.integers(1, 12),
    metric=st.sampled_from(METRICS),
    is_binary=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 2**32),
)
def test_no_threshold_is_better(
    samples: int, metric: Metric, is_binary: bool, dtype: type[np.floating], seed: int
) -> None:
    """Than the chosen one: not between any two probabilities, nor beyond them. With ties, and with a single class."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, 2, samples)
    outputs = coarse(generator, (samples, 1 if is_binary else 2), dtype)
    wanted = targets[:, np.newaxis].astype(dtype) if is_binary else targets
    choice = chosen(outputs, wanted, metric)
    assert 0 < choice.threshold < 1
    np.testing.assert_array_equal(choice.confusion, confusion_at(choice.threshold, outputs, wanted))
    assert choice.value == metric.compute(choice.confusion)
    assert choice.usual == metric.compute(confusion_at(0.5, outputs, wanted))
    margins = outputs[:, 0] if is_binary else outputs[:, 1] - outputs[:, 0]
    if 0 < targets.sum() < samples:
        among = np.unique(np.concatenate([margins - 0.01, margins + 0.01]))
        values = [metric.compute(confusion_at(1 / (1 + math.exp(-margin)), outputs, wanted)) for margin in among]
        assert choice.value >= max(values) - 1e-12
    else:
        assert choice.threshold == 0.5


@given(
    samples=st.integers(1, 25),
    metric=st.sampled_from(METRICS),
    width=st.integers(0, 3),
    seed=st.integers(0, 2**32),
)
def test_a_sample_of_weight_2_is_two_and_one_of_weight_0_none(
    samples: int, metric: Metric, width: int, seed: int
) -> None:
    """width: how many targets of 0 or 1; 0: two classes."""
    generator = np.random.default_rng(seed)
    outputs = coarse(generator, (samples, width or 2), np.float64)
    targets = generator.integers(0, 2, (samples, width)).astype(float) if width else generator.integers(0, 2, samples)
    weights = generator.integers(0, 4, samples)
    rows = np.repeat(np.arange(samples), weights)
    expected = chosen(outputs[rows], targets[rows], metric)
    outputs[weights == 0] = np.nan
    found = chosen(outputs, targets, metric, weights / 4)
    assert found.threshold == expected.threshold
    np.testing.assert_array_equal(found.confusion * 4, expected.confusion)
    np.testing.assert_equal([found.value, found.usual], pytest.approx([expected.value, expected.usual], nan_ok=True))


def test_a_threshold_is_midway_between_two_probabilities() -> None:
    logits = np.log(np.array([[0.1], [0.2], [0.4], [0.3]]) / (1 - np.array([[0.1], [0.2], [0.4], [0.3]])))
    choice = chosen(logits, np.array([[0.0], [0.0], [1.0], [1.0]]), F1())
    assert choice.threshold == pytest.approx(0.25)
    assert (choice.value, choice.usual) == (1.0, pytest.approx(1 / 3))


def test_of_equally_good_ones_it_stays_at_the_usual() -> None:
    choice = chosen(np.array([[-1.0], [1.0]]), np.array([[0.0], [1.0]]), Accuracy())
    assert choice.threshold == 0.5


def test_probabilities_that_are_all_1_leave_no_choice() -> None:
    choice = chosen(np.array([[800.0], [900.0]]), np.array([[0.0], [1.0]]), BalancedAccuracy())
    assert choice.threshold == 0.5


@pytest.mark.parametrize("output", [np.nan, np.inf])
def test_outputs_that_are_no_numbers_leave_no_choice(output: float) -> None:
    outputs = np.array([[0.0, output], [0.0, -1.0], [0.0, -2.0]])
    assert chosen(outputs, np.array([1, 1, 0]), F1()).threshold == 0.5


def test_the_boundary_of_a_half_is_that_without_a_threshold() -> None:
    assert boundary(0.0, 0.5) == boundary(0.0, None) == 0.0
    assert boundary(0.5, None) == 0.5
    assert boundary(0.0, 0.9) == pytest.approx(math.log(9))
