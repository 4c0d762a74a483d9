"""Balanced accuracy."""

from __future__ import annotations

import numpy as np

from nnctl.metrics.balanced_accuracy import BalancedAccuracy
from tests.support.metric_check import Array, ConfusionCheck, ScikitLearnCheck, measure


class TestBalancedAccuracy(ScikitLearnCheck, ConfusionCheck):
    kind = BalancedAccuracy
    golden = ({"classes": 2}, {"classes": 4})

    @staticmethod
    def reference(predicted: list[int], actual: list[int]) -> float:
        recalls = []
        for wanted in sorted(set(actual)):
            own = [given == wanted for given, real in zip(predicted, actual, strict=True) if real == wanted]
            recalls.append(sum(own) / len(own))
        return sum(recalls) / len(recalls)

    @staticmethod
    def scikit_learn(outputs: Array, targets: Array) -> float:
        from sklearn.metrics import balanced_accuracy_score

        return float(balanced_accuracy_score(targets, outputs.argmax(axis=1)))

    def test_the_frequent_class_alone_is_half(self) -> None:
        outputs = np.tile([1.0, 0.0], (100, 1))
        assert measure(BalancedAccuracy(), outputs, np.arange(100) // 99, 2) == 0.5
