"""Mean error."""

from __future__ import annotations

from nnctl.metrics.mean_error import MeanError

from tests.support.metric_check import Array, ErrorCheck


class TestMeanError(ErrorCheck):
    kind = MeanError
    fits = ("values",)
    higher_is_better = False

    @staticmethod
    def reference(outputs: Array, targets: Array) -> float:
        return float((outputs - targets).mean())
