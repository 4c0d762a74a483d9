"""Log loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.metrics.log_loss import LogLoss
from tests.support.metric_check import DTYPES, Array, ScikitLearnCheck, inherited, measure, softmax, with_gaps


class TestLogLoss(ScikitLearnCheck):
    kind = LogLoss
    fits = ("classes", "binary")
    higher_is_better = False
    golden = ({"classes": 2}, {"classes": 4}, {"width": 1})

    @staticmethod
    def scikit_learn(outputs: Array, targets: Array) -> float:
        from sklearn.metrics import log_loss

        return float(log_loss(targets.ravel(), outputs if targets.ndim == 1 else outputs.ravel()))

    @given(samples=st.integers(1, 20), classes=st.integers(2, 7), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_classes(self, samples: int, classes: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs, targets = generator.normal(0, 3, (samples, classes)), generator.integers(0, classes, samples)
        outputs = outputs.astype(np.float32).astype(dtype)
        expected = -np.log(softmax(outputs)[np.arange(samples), targets]).mean()
        found = measure(self.make({}), outputs, targets, classes)
        assert found == pytest.approx(expected, rel=1e-11 if dtype is np.float64 else 1e-5)
        assert measure(self.make({}), *with_gaps(outputs, targets), classes) == found

    @given(samples=st.integers(1, 20), width=st.integers(1, 3), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_binary(self, samples: int, width: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs = generator.normal(0, 3, (samples, width)).astype(dtype)
        targets = generator.integers(0, 2, (samples, width)).astype(dtype)
        probabilities = 1 / (1 + np.exp(-outputs.astype(np.float64)))
        expected = -np.log(np.where(targets == 1, probabilities, 1 - probabilities)).mean()
        found = measure(self.make({}), outputs, targets, 2)
        assert found == pytest.approx(expected, rel=1e-11)
        assert measure(self.make({}), *with_gaps(outputs, targets), 2) == found

    def test_a_sure_mistake_is_a_large_number(self) -> None:
        assert measure(LogLoss(), np.array([[1e4]]), np.array([[0.0]]), 2) == 1e4
