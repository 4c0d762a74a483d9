"""Mean absolute error."""

from __future__ import annotations

import math

import numpy as np

from nnctl.metrics.mae import MAE
from tests.support.metric_check import Array, ErrorCheck, measure


class TestMAE(ErrorCheck):
    kind = MAE
    higher_is_better = False

    @staticmethod
    def reference(outputs: Array, targets: Array) -> float:
        return float(np.abs(outputs - targets).mean())

    def test_nan_outputs_are_seen(self) -> None:
        outputs = np.full((6, 3), np.nan, np.float32)
        assert math.isnan(measure(MAE(), outputs, np.zeros((6, 3), np.float32), 0))
