"""Average precision."""

from __future__ import annotations

import math

import numpy as np

from nnctl.metrics.average_precision import AveragePrecision
from tests.support.metric_check import Array, RankingCheck, measure


class TestAveragePrecision(RankingCheck):
    kind = AveragePrecision

    @staticmethod
    def reference(scores: list[float], positive: list[bool]) -> float:
        """The precision at the score of each positive one, their mean: that is its weight by recall."""
        at = []
        for score, is_one in zip(scores, positive, strict=True):
            if is_one:
                above = [other for own, other in zip(scores, positive, strict=True) if own >= score]
                at.append(sum(above) / len(above))
        return sum(at) / len(at) if at else math.nan

    @staticmethod
    def scikit_learn(outputs: Array, targets: Array) -> float:
        from sklearn.metrics import average_precision_score

        scores = outputs[:, 1] if targets.ndim == 1 and outputs.shape[1] == 2 else outputs
        return float(average_precision_score(targets, scores, average="macro"))

    def test_without_a_positive_one_there_is_no_number(self) -> None:
        assert math.isnan(measure(AveragePrecision(), np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([0, 0]), 2))
        assert measure(AveragePrecision(), np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([1, 1]), 2) == 1.0
