"""Root mean squared error."""

from __future__ import annotations

import numpy as np

from nnctl.metrics.rmse import RMSE
from tests.support.metric_check import Array, ErrorCheck


class TestRMSE(ErrorCheck):
    kind = RMSE
    higher_is_better = False

    @staticmethod
    def reference(outputs: Array, targets: Array) -> float:
        return float(np.sqrt(((outputs - targets) ** 2).mean(axis=0)).mean())
