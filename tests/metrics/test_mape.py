"""Mean absolute percentage error."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.metrics.mape import MAPE
from tests.support.metric_check import Array, ErrorCheck, ScikitLearnCheck, measure


class TestMAPE(ScikitLearnCheck, ErrorCheck):
    kind = MAPE
    fits = ("values",)
    higher_is_better = False
    golden = ({"width": 1}, {"width": 3})

    @staticmethod
    def reference(outputs: Array, targets: Array) -> float:
        return float((np.abs(outputs - targets) / np.maximum(np.abs(targets), 2.0**-52)).mean())

    @staticmethod
    def scikit_learn(outputs: Array, targets: Array) -> float:
        from sklearn.metrics import mean_absolute_percentage_error

        return float(mean_absolute_percentage_error(targets, outputs))

    def test_large_targets_with_a_small_spread(self) -> None:
        outputs, targets = np.array([[1.7e9 + 17]]), np.array([[1.7e9]])
        assert measure(MAPE(), outputs, targets, 0) == pytest.approx(1e-8, rel=1e-12)

    def test_a_target_of_0_makes_it_enormous(self) -> None:
        assert measure(MAPE(), np.array([[1.0], [1.0]]), np.array([[0.0], [1.0]]), 0) == 2.0**51
