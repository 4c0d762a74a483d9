"""Median absolute error."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from nnctl.metrics.median_ae import MedianAE
from tests.support.metric_check import Array, ErrorCheck, ScikitLearnCheck, measure


class TestMedianAE(ScikitLearnCheck, ErrorCheck):
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

    @pytest.mark.parametrize("weights", [[0.3, 0.1, 0.2], [0.4, 0.3, 0.1]])
    def test_between_two_halves_it_is_the_middle_whatever_is_lost_by_rounding(self, weights: list[float]) -> None:
        """The first one weighs half: a little less than half of what their sum is in float64, or a little more."""
        errors = np.array([[1.0], [2.0], [3.0]])
        assert measure(MedianAE(), errors, np.zeros((3, 1)), 0, weights=np.array(weights)) == 1.5

    def test_an_output_that_is_no_number_gives_none(self) -> None:
        outputs = np.array([[1.0, 1.0], [np.nan, 2.0], [3.0, 3.0]])
        assert math.isnan(measure(MedianAE(), outputs, np.zeros((3, 2)), 0))
