"""Root mean squared logarithmic error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.metrics.rmsle import RMSLE
from tests.support.metric_check import DTYPES, Array, MetricCheck, coarse, measure


class TestRMSLE(MetricCheck):
    kind = RMSLE
    fits = ("values",)
    higher_is_better = False

    @staticmethod
    def reference(outputs: Array, targets: Array) -> float:
        """Of targets that are not negative; a negative output is taken as 0."""
        errors = np.log(1 + np.maximum(outputs, 0)) - np.log(1 + targets)
        return float(np.sqrt((errors**2).mean(axis=0)).mean())

    @given(samples=st.integers(1, 30), width=st.integers(1, 4), dtype=DTYPES, seed=st.integers(0, 2**32))
    def test_errors(self, samples: int, width: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs, targets = coarse(generator, (samples, width), dtype), abs(coarse(generator, (samples, width), dtype))
        expected = self.reference(outputs.astype(np.float64), targets.astype(np.float64))
        assert measure(RMSLE(), outputs, targets, 0) == pytest.approx(expected, rel=1e-11)

    def test_the_example_in_scikit_learns_reference(self) -> None:
        """root_mean_squared_log_error([3, 5, 2.5, 7], [2.5, 5, 4, 8]) gives 0.199..."""
        outputs, targets = np.array([[2.5], [5.0], [4.0], [8.0]]), np.array([[3.0], [5.0], [2.5], [7.0]])
        assert measure(RMSLE(), outputs, targets, 0) == pytest.approx(0.1995, abs=5e-4)

    def test_where_there_is_no_logarithm(self) -> None:
        zeros = np.zeros((1, 1))
        assert measure(RMSLE(), np.array([[-7.0]]), zeros, 0) == 0.0
        assert measure(RMSLE(), np.array([[np.inf]]), zeros, 0) == math.inf
        assert math.isnan(measure(RMSLE(), np.array([[np.nan]]), zeros, 0))
        assert math.isnan(measure(RMSLE(), zeros, np.array([[-0.5]]), 0))
