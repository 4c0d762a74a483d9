"""The constant schedule."""

from __future__ import annotations

from typing import Any

from nnctl.schedules.constant import Constant
from tests.support.schedule_check import ScheduleCheck


class TestConstant(ScheduleCheck):
    kind = Constant
    golden = ({},)
    refused = ({"warmup": -1.0},)

    @staticmethod
    def reference(schedule: Constant, epoch: float) -> float:
        return 1.0

    @staticmethod
    def pytorch(optimizer: Any) -> Any:
        from torch.optim.lr_scheduler import LambdaLR

        return LambdaLR(optimizer, lambda step: 1.0)
