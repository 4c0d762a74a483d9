"""The coefficient of determination."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnctl.metrics.r2 import R2
from tests.support.metric_check import Array, ErrorCheck, measure


class TestR2(ErrorCheck):
    kind = R2

    @staticmethod
    def reference(outputs: Array, targets: Array) -> float:
        """1 - residual sum of squares / total sum of squares, of each output; NaN where a target never changes."""
        if (targets == targets[0]).all(axis=0).any():
            return float("nan")
        residual = ((outputs - targets) ** 2).sum(axis=0)
        total = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
        return float((1 - residual / total).mean())

    def test_of_a_constant_target_it_is_undefined(self) -> None:
        outputs = np.random.default_rng(8).normal(size=(50, 1)).astype(np.float32)
        assert math.isnan(measure(R2(), outputs, np.full((50, 1), 0.1, np.float32), 0))

    def test_of_perfect_and_of_mean_predictions(self) -> None:
        targets = np.array([[1.0], [2.0], [6.0]])
        assert measure(R2(), targets.copy(), targets, 0) == 1.0
        assert measure(R2(), np.full((3, 1), 3.0), targets, 0) == pytest.approx(0.0, abs=1e-15)
