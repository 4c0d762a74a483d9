"""Median absolute error."""

from __future__ import annotations

import statistics

import numpy as np

from nnctl.metrics.median_ae import MedianAE
from tests.support.metric_check import Array, ErrorCheck, measure


class TestMedianAE(ErrorCheck):
    kind = MedianAE
    higher_is_better = False
    golden = ({"width": 1}, {"width": 3})

    @staticmethod
    def reference(outputs: Array, targets: Array) -> float:
        return statistics.fmean(statistics.median(column) for column in np.abs(outputs - targets).T.tolist())

    @staticmethod
    def scikit_learn(outputs: Array, targets: Array) -> float:
        from sklearn.metrics import median_absolute_error

        return float(median_absolute_error(targets, outputs))

    def test_one_sample_far_off_does_not_move_it(self) -> None:
        assert measure(MedianAE(), np.array([[1.0], [2.0], [1e9]]), np.zeros((3, 1)), 0) == 2.0
