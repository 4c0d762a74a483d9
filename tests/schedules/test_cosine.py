"""The cosine schedule."""

from __future__ import annotations

import math
from typing import Any

from nnctl.schedules.cosine import Cosine
from tests.support.schedule_check import BASE, EPOCHS, STEPS, ScheduleCheck


class TestCosine(ScheduleCheck):
    kind = Cosine
    cases = ({}, {"minimum": 0.1})
    golden = ({}, {"minimum": 0.1})
    refused = ({"minimum": 1.1},)

    @staticmethod
    def reference(schedule: Cosine, epoch: float) -> float:
        low = schedule.minimum
        return low + (1 - low) * math.cos(math.pi * epoch / EPOCHS / 2) ** 2

    @staticmethod
    def pytorch(optimizer: Any, minimum: float = 0.0) -> Any:
        from torch.optim.lr_scheduler import CosineAnnealingLR

        return CosineAnnealingLR(optimizer, EPOCHS * STEPS, eta_min=minimum * BASE)
