"""Top-k accuracy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.metrics.top_k import TopK
from tests.support.metric_check import DTYPES, Array, MetricCheck, coarse, measure


def top_k(outputs: Array, targets: Array, k: int) -> float:
    """The share of samples with fewer than k other outputs as large as the target's."""
    hits = 0
    for row, target in zip(outputs.tolist(), targets.tolist(), strict=True):
        rivals = [value for index, value in enumerate(row) if index != target and value >= row[target]]
        hits += len(rivals) < k
    return hits / len(targets)


class TestTopK(MetricCheck):
    kind = TopK
    refused = ({"k": 0},)
    fits = ("classes",)
    name = "top_5"

    @given(
        samples=st.integers(1, 30), classes=st.integers(1, 7), k=st.integers(1, 9), dtype=DTYPES, seed=st.integers(0)
    )
    def test_classes(self, samples: int, classes: int, k: int, dtype: type[np.floating], seed: int) -> None:
        generator = np.random.default_rng(seed)
        outputs, targets = coarse(generator, (samples, classes), dtype), generator.integers(0, classes, samples)
        expected = top_k(outputs, targets, k)
        assert measure(TopK(k=k), outputs, targets, classes) == pytest.approx(expected, rel=1e-12)

    def test_nan_outputs_are_never_right(self) -> None:
        outputs, targets = np.full((6, 3), np.nan, np.float32), np.array([0, 1, 2, 0, 1, 2])
        assert measure(TopK(k=2), outputs, targets, 3) == 0.0

    def test_its_name_has_its_k(self) -> None:
        assert TopK(k=3).name == "top_3"
