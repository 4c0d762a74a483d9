"""The polynomial schedule."""

from __future__ import annotations

from typing import Any

from nnctl.schedules.polynomial import Polynomial
from tests.support.schedule_check import EPOCHS, STEPS, ScheduleCheck


class TestPolynomial(ScheduleCheck):
    kind = Polynomial
    cases = ({}, {"power": 2.5, "minimum": 0.1})
    golden = ({}, {"power": 2.0}, {"power": 0.5})
    refused = ({"power": 0.0}, {"minimum": 1.5})

    @staticmethod
    def reference(schedule: Polynomial, epoch: float) -> float:
        left = (EPOCHS - epoch) / EPOCHS
        return schedule.minimum + (1 - schedule.minimum) * left**schedule.power

    @staticmethod
    def pytorch(optimizer: Any, power: float = 1.0) -> Any:
        from torch.optim.lr_scheduler import PolynomialLR

        return PolynomialLR(optimizer, EPOCHS * STEPS, power)
