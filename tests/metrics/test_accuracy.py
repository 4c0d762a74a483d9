"""Accuracy."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.metrics.accuracy import Accuracy
from tests.support.metric_check import ConfusionCheck, measure


class TestAccuracy(ConfusionCheck):
    kind = Accuracy

    @staticmethod
    def reference(predicted: list[int], actual: list[int]) -> float:
        return sum(p == a for p, a in zip(predicted, actual, strict=True)) / len(actual)

    def test_nan_outputs_are_counted_and_right_only_by_chance(self) -> None:
        outputs, targets = np.full((6, 3), np.nan, np.float32), np.array([0, 1, 2, 0, 1, 2])
        assert measure(Accuracy(), outputs, targets, 3) == pytest.approx(1 / 3)
        assert measure(Accuracy(), outputs, np.zeros((6, 3), np.float32), 2) == 1.0
