"""Perplexity."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.metrics.perplexity import Perplexity
from tests.support.metric_check import DTYPES, MetricCheck, inherited, measure, with_gaps


class TestPerplexity(MetricCheck):
    kind = Perplexity
    fits = ("classes",)
    higher_is_better = False

    @given(samples=st.integers(1, 20), classes=st.integers(1, 7), dtype=DTYPES, seed=st.integers(0, 2**32))
    @inherited
    def test_the_formula(self, samples: int, classes: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs, targets = generator.normal(0, 3, (samples, classes)), generator.integers(0, classes, samples)
        outputs = outputs.astype(np.float32).astype(dtype)
        exact = outputs.astype(np.float64)
        chosen = exact[np.arange(samples), targets]
        expected = math.exp((np.log(np.exp(exact).sum(axis=1)) - chosen).mean())
        tolerance = 1e-12 if dtype is np.float64 else 1e-5
        found = measure(self.make({}), outputs, targets, classes)
        assert found == pytest.approx(expected, rel=tolerance)
        assert measure(self.make({}), *with_gaps(outputs, targets), classes) == found

    def test_equal_logits_are_a_choice_among_all(self) -> None:
        assert measure(self.make({}), np.full((5, 4), 1e4), np.arange(5) % 4, 4) == pytest.approx(4, rel=1e-12)

    @pytest.mark.parametrize(("logit", "perplexity"), [(1e6, math.inf), (math.nan, math.nan)])
    def test_what_is_no_number(self, logit: float, perplexity: float) -> None:
        found = measure(self.make({}), np.array([[logit, 0.0]]), np.array([1]), 2)
        assert found == pytest.approx(perplexity, nan_ok=True)
