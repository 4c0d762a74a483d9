"""The one check for every metric: in batches through its tally, against the formula over all samples at once."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl.kernels import cpu
from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import Sizes
from tests.support.kind_check import KindCheck, Settings

Array = NDArray[Any]
DTYPES = st.sampled_from([np.float32, np.float64])
ALIKE = np.zeros(0)  # the weights of rows that all count as one

# a check is inherited: hypothesis sees one test that is run by many classes
inherited = settings(suppress_health_check=[HealthCheck.differing_executors])


def measure(
    metric: Metric, outputs: Array, targets: Array, classes: int, threshold: float = 0.0, weights: Array = ALIKE
) -> float:
    """The metric of all samples, tallied in batches of 4 with a short last one."""
    columns = 1 if targets.ndim == 1 else targets.shape[1]
    tally = metric.tally.zeros(Sizes(outputs.shape[1], classes, columns, len(outputs)))
    for start in range(0, len(outputs), 4):
        batch = slice(start, start + 4)
        metric.tally.add(tally, outputs[batch], targets[batch], weights[batch], threshold, cpu)
    return metric.compute(tally)


def with_gaps(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """The same rows, and between them some without a target."""
    rows = np.arange(len(outputs)) * 2 + 1
    more, wanted = np.full((2 * len(rows) + 1, outputs.shape[1]), np.nan, outputs.dtype), None
    missing = -1 if targets.ndim == 1 else np.nan
    wanted = np.full((len(more), *targets.shape[1:]), missing, targets.dtype if targets.ndim == 1 else outputs.dtype)
    more[rows], wanted[rows] = outputs, targets
    return more, wanted


def drawn(generator: np.random.Generator, targets: str, samples: int) -> tuple[Array, Array]:
    """Outputs and targets of this kind, three of each a sample; none is negative."""
    outputs = abs(coarse(generator, (samples, 3), np.float32))
    if targets == "classes":
        return outputs, generator.integers(0, 3, samples)
    if targets == "binary":
        return outputs, generator.integers(0, 2, (samples, 3)).astype(np.float32)
    return outputs, abs(coarse(generator, (samples, 3), np.float32))


def coarse(generator: np.random.Generator, shape: tuple[int, ...], dtype: type[np.floating]) -> Array:
    """Numbers with many ties among them, exact in both precisions."""
    return (generator.integers(-6, 7, shape) / 4).astype(dtype)


def predicted_classes(outputs: Array) -> list[int]:
    """The first of the largest outputs of each sample."""
    return [max(range(len(row)), key=lambda index: (row[index], -index)) for row in outputs.tolist()]


def softmax(outputs: Array) -> Array:
    """Probabilities, in float64."""
    exact = outputs.astype(np.float64)
    exponentials = np.exp(exact - exact.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


class MetricCheck(KindCheck):
    """Name, direction, targets, no samples, weights."""

    fits: ClassVar[tuple[str, ...]]
    higher_is_better: ClassVar[bool] = True
    name: ClassVar[str] = ""
    """With default settings; empty: the kind's."""

    def test_no_samples_no_number(self) -> None:
        metric = self.make({})
        assert math.isnan(metric.compute(metric.tally.zeros(Sizes(outputs=3, classes=3, targets=1, rows=5))))

    def test_name_and_direction_and_what_it_fits(self) -> None:
        metric = self.make({})
        assert metric.name == (self.name or metric.type)
        assert metric.higher_is_better == self.higher_is_better
        assert metric.fits == self.fits

    @given(samples=st.integers(1, 20), targets=st.sampled_from(["classes", "binary", "values"]), seed=st.integers(0))
    @inherited
    def test_a_row_of_weight_2_is_two_rows_and_one_of_weight_0_none(
        self, samples: int, targets: str, seed: int
    ) -> None:
        """Even if its outputs are no numbers. Fractions are of no other weight than whole numbers like them."""
        if targets not in self.fits:
            return
        metric, generator = self.make({}).beside(2.0), np.random.default_rng(seed)
        outputs, wanted = drawn(generator, targets, samples)
        weights = generator.integers(0, 4, samples)
        rows = np.repeat(np.arange(samples), weights)
        expected = measure(metric, outputs[rows], wanted[rows], 3)
        outputs[weights == 0] = np.nan
        for scale in (1.0, 0.3):
            found = measure(metric, outputs, wanted, 3, weights=scale * weights)
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)

    def test_weights_of_1_change_no_bit(self) -> None:
        metric, generator = self.make({}).beside(2.0), np.random.default_rng(3)
        for targets in self.fits:
            outputs, wanted = drawn(generator, targets, 50)
            assert measure(metric, outputs, wanted, 3, weights=np.ones(50)) == measure(metric, outputs, wanted, 3)


class ScikitLearnCheck(MetricCheck, ABC):
    """Of a metric with scikit-learn's numbers of the `golden` settings.

    These are `classes`, of how many, or `width`, how many outputs there are of 0/1 targets or values.
    """

    @staticmethod
    @abstractmethod
    def scikit_learn(outputs: Array, targets: Array) -> float:
        """The number by scikit-learn, for golden/make_metrics.py. outputs: probabilities, of values these."""

    def test_scikit_learns(self, stored: Settings) -> None:
        golden = self.golden_arrays(stored)
        found = measure(self.make({}), golden["outputs"], golden["targets"], stored.get("classes", 2))
        assert found == pytest.approx(float(golden["value"]), rel=1e-9)


class RankingCheck(ScikitLearnCheck, ABC):
    """Of a metric of how scores rank the positive ones among all."""

    fits = ("classes", "binary")
    golden = ({"classes": 2}, {"classes": 4}, {"width": 1}, {"width": 3})

    @staticmethod
    @abstractmethod
    def reference(scores: list[float], positive: list[bool]) -> float:
        """The textbook's formula for one class, NaN where it is undefined."""

    def expected(self, scores: Array, positive: Array) -> float:
        """The mean over the columns for which there is a number. scores, positive: (N, K)."""
        columns = [self.reference(*column) for column in zip(scores.T.tolist(), positive.T.tolist(), strict=True)]
        defined = [value for value in columns if not math.isnan(value)]
        return sum(defined) / len(defined) if defined else math.nan

    def assert_is(self, expected: float, outputs: Array, targets: Array, classes: int) -> None:
        for arrays in ((outputs, targets), with_gaps(outputs, targets)):
            found = measure(self.make({}), *arrays, classes)
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)

    @given(samples=st.integers(1, 30), classes=st.integers(2, 4), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_classes(self, samples: int, classes: int, dtype: type[np.floating], seed: int) -> None:
        """With many ties, and often with classes that do not occur."""
        generator = np.random.default_rng(seed)
        outputs, targets = coarse(generator, (samples, classes), dtype), generator.integers(0, classes, samples)
        positive = targets[:, np.newaxis] == np.arange(classes)
        scores = softmax(outputs)
        if classes == 2:
            positive, scores = positive[:, 1:], np.diff(outputs)
        self.assert_is(self.expected(scores, positive), outputs, targets, classes)

    @given(samples=st.integers(1, 12), width=st.integers(1, 3), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_binary(self, samples: int, width: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs, targets = coarse(generator, (samples, width), dtype), generator.integers(0, 2, (samples, width))
        self.assert_is(self.expected(outputs, targets == 1), outputs, targets.astype(dtype), 2)

    def test_outputs_that_are_no_numbers_give_none(self) -> None:
        outputs, targets = np.array([[0.0, np.nan], [0.0, 1.0]]), np.array([0, 1])
        assert math.isnan(measure(self.make({}), outputs, targets, 2))


class ConfusionCheck(MetricCheck, ABC):
    """Of a metric that compares predicted classes with actual ones."""

    fits = ("classes", "binary", "values")

    @staticmethod
    @abstractmethod
    def reference(predicted: list[int], actual: list[int]) -> float:
        """The textbook's formula."""

    @given(samples=st.integers(1, 30), classes=st.integers(1, 7), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_classes(self, samples: int, classes: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs, targets = coarse(generator, (samples, classes), dtype), generator.integers(0, classes, samples)
        expected = self.reference(predicted_classes(outputs), targets.tolist())
        assert measure(self.make({}), outputs, targets, classes) == pytest.approx(expected, rel=1e-12)
        assert measure(self.make({}), *with_gaps(outputs, targets), classes) == pytest.approx(expected, rel=1e-12)

    @given(
        samples=st.integers(1, 12),
        width=st.integers(1, 3),
        dtype=DTYPES,
        threshold=st.sampled_from([0.0, 0.5]),
        seed=st.integers(0, 2**32),
    )
    @inherited
    def test_binary(self, samples: int, width: int, dtype: type[np.floating], threshold: float, seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs, targets = coarse(generator, (samples, width), dtype), generator.integers(0, 2, (samples, width))
        predicted = (outputs > threshold).ravel().astype(int).tolist()
        expected = self.reference(predicted, targets.ravel().tolist())
        found = measure(self.make({}), outputs, targets.astype(dtype), 2, threshold)
        assert found == pytest.approx(expected, rel=1e-12)
        found = measure(self.make({}), *with_gaps(outputs, targets.astype(dtype)), 2, threshold)
        assert found == pytest.approx(expected, rel=1e-12)


class ErrorCheck(MetricCheck, ABC):
    """Of a metric of the differences between outputs and targets."""

    fits = ("binary", "values")

    @staticmethod
    @abstractmethod
    def reference(outputs: Array, targets: Array) -> float:
        """The textbook's formula, in float64 NumPy."""

    @given(samples=st.integers(1, 30), width=st.integers(1, 4), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_errors(self, samples: int, width: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs, targets = coarse(generator, (samples, width), dtype), coarse(generator, (samples, width), dtype)
        expected = self.reference(outputs.astype(np.float64), targets.astype(np.float64))
        found = measure(self.make({}), outputs, targets, 0)
        assert found == pytest.approx(expected, rel=1e-11, nan_ok=True)
        assert measure(self.make({}), *with_gaps(outputs, targets), 0) == pytest.approx(
            found, rel=0, abs=0, nan_ok=True
        )

    def test_large_targets_with_a_small_spread(self) -> None:
        """Times in seconds, of this century: a sum of squares less the square of a sum would leave nothing."""
        generator = np.random.default_rng(7)
        targets = 1.7e9 + 1e-3 * generator.normal(size=(500, 1))
        outputs = targets + 1e-4 * generator.normal(size=(500, 1))
        expected = self.reference(outputs - 1.7e9, targets - 1.7e9)
        assert measure(self.make({}), outputs, targets, 0) == pytest.approx(expected, rel=1e-3)
