"""Recall, the mean over the classes."""

from __future__ import annotations

from nnctl.metrics.recall import Recall
from tests.support.metric_check import ConfusionCheck
from tests.support.naive_by_class import macro


class TestRecall(ConfusionCheck):
    kind = Recall

    @staticmethod
    def reference(predicted: list[int], actual: list[int]) -> float:
        return macro(predicted, actual)[1]
