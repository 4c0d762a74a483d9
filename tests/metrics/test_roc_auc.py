"""The area under the ROC curve."""

from __future__ import annotations

import math

import numpy as np

from nnctl.metrics.roc_auc import ROCAUC
from tests.support.metric_check import Array, RankingCheck, measure


class TestROCAUC(RankingCheck):
    kind = ROCAUC

    @staticmethod
    def reference(scores: list[float], positive: list[bool]) -> float:
        """Every pair of a positive one and another."""
        ones = [score for score, is_one in zip(scores, positive, strict=True) if is_one]
        others = [score for score, is_one in zip(scores, positive, strict=True) if not is_one]
        pairs = [(one > other) + (one == other) / 2 for one in ones for other in others]
        return sum(pairs) / len(pairs) if pairs else math.nan

    @staticmethod
    def scikit_learn(outputs: Array, targets: Array) -> float:
        from sklearn.metrics import roc_auc_score

        scores = outputs[:, 1] if targets.ndim == 1 and outputs.shape[1] == 2 else outputs
        return float(roc_auc_score(targets, scores, multi_class="ovr", average="macro"))

    def test_one_class_alone_has_no_number(self) -> None:
        assert math.isnan(measure(ROCAUC(), np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([1, 1]), 2))

    def test_equal_scores_are_chance(self) -> None:
        assert measure(ROCAUC(), np.ones((6, 1)), np.array([[0.0], [1], [0], [1], [1], [0]]), 2) == 0.5
