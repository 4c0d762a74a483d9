"""F1, the mean over the classes."""

from __future__ import annotations

from nnctl.metrics.f1 import F1
from tests.support.metric_check import ConfusionCheck
from tests.support.naive_by_class import macro


class TestF1(ConfusionCheck):
    kind = F1

    @staticmethod
    def reference(predicted: list[int], actual: list[int]) -> float:
        return macro(predicted, actual)[2]
