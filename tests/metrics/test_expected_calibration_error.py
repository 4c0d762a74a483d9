"""Expected calibration error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.metrics.expected_calibration_error import ExpectedCalibrationError
from tests.support.metric_check import DTYPES, Array, MetricCheck, coarse, inherited, measure, softmax, with_gaps


def naive(probabilities: list[float], right: list[bool]) -> float:
    """Guo et al. 2017, equation 3, with the bins ((m - 1) / 15, m / 15]."""
    bins: dict[int, list[int]] = {}
    for row, probability in enumerate(probabilities):
        (m,) = (m for m in range(1, 16) if (m - 1) / 15 < probability <= m / 15)
        bins.setdefault(m, []).append(row)
    total = 0.0
    for rows in bins.values():
        accuracy = sum(right[row] for row in rows) / len(rows)
        confidence = sum(probabilities[row] for row in rows) / len(rows)
        total += len(rows) / len(probabilities) * abs(accuracy - confidence)
    return total


class TestExpectedCalibrationError(MetricCheck):
    kind = ExpectedCalibrationError
    fits = ("classes", "binary")
    higher_is_better = False

    @given(samples=st.integers(1, 30), classes=st.integers(2, 7), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_classes(self, samples: int, classes: int, dtype: type[np.floating], seed: int) -> None:
        """With many ties, of which the first class is the predicted one."""
        generator = np.random.default_rng(seed)
        outputs, targets = coarse(generator, (samples, classes), dtype), generator.integers(0, classes, samples)
        probabilities = softmax(outputs)
        right = (outputs.argmax(axis=1) == targets).tolist()
        self.assert_is(naive(probabilities.max(axis=1).tolist(), right), outputs, targets, classes)

    @given(samples=st.integers(1, 20), width=st.integers(1, 3), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_binary(self, samples: int, width: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs = generator.normal(0, 2, (samples, width)).astype(dtype)
        targets = generator.integers(0, 2, (samples, width)).astype(dtype)
        ones = (1 / (1 + np.exp(-outputs.astype(np.float64)))).ravel()
        chosen = np.where(ones > 0.5, ones, 1 - ones).tolist()
        self.assert_is(naive(chosen, ((ones > 0.5) == targets.ravel()).tolist()), outputs, targets, 2)

    def assert_is(self, expected: float, outputs: Array, targets: Array, classes: int) -> None:
        for arrays in ((outputs, targets), with_gaps(outputs, targets)):
            found = measure(self.make({}), *arrays, classes)
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)

    def test_by_hand(self) -> None:
        """Ten predictions of 0.8, of which six are right, and two of 0.6, both right: (10 * 0.2 + 2 * 0.4) / 12."""
        logits = np.log([[0.8, 0.2]] * 10 + [[0.4, 0.6]] * 2)
        targets = np.array([0] * 6 + [1] * 4 + [1, 1])
        assert measure(ExpectedCalibrationError(), logits, targets, 2) == pytest.approx(2.8 / 12)
        margins = np.log([4.0] * 10 + [1.5] * 2)[:, np.newaxis]
        ones = np.array([1.0] * 6 + [0.0] * 4 + [1.0, 1.0])[:, np.newaxis]
        assert measure(ExpectedCalibrationError(), margins, ones, 2) == pytest.approx(2.8 / 12)

    def test_sure_and_right_is_0_and_sure_and_wrong_is_1(self) -> None:
        outputs = np.array([[1e4, 0.0], [0.0, 1e4]])
        assert measure(ExpectedCalibrationError(), outputs, np.array([0, 1]), 2) == 0
        assert measure(ExpectedCalibrationError(), outputs, np.array([1, 0]), 2) == 1

    def test_outputs_that_are_no_numbers_give_none(self) -> None:
        outputs, targets = np.array([[0.0, np.nan], [0.0, 1.0]]), np.array([0, 1])
        assert math.isnan(measure(ExpectedCalibrationError(), outputs, targets, 2))
