"""The schedule of steps."""

from __future__ import annotations

from typing import Any

from nnctl.schedules.step import Step
from tests.support.schedule_check import ScheduleCheck


class TestStep(ScheduleCheck):
    kind = Step
    cases = ({"every": 3, "gamma": 0.4},)
    golden = ({"every": 3, "gamma": 0.4},)
    refused = ({}, {"every": 0}, {"every": 1.5})
    each_epoch = True

    @staticmethod
    def reference(schedule: Step, epoch: float) -> float:
        return schedule.gamma ** (int(epoch) // schedule.every)

    @staticmethod
    def pytorch(optimizer: Any, every: int, gamma: float) -> Any:
        from torch.optim.lr_scheduler import StepLR

        return StepLR(optimizer, step_size=every, gamma=gamma)
