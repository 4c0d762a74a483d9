"""The cosine schedule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnctl.schedules.cosine import Cosine
from tests.support.kind_check import Settings
from tests.support.schedule_check import BASE, EPOCHS, STEPS, ScheduleCheck, rates


class TestCosine(ScheduleCheck):
    kind = Cosine
    cases = ({}, {"minimum": 0.1}, {"period": 2.5, "minimum": 0.1}, {"period": 1.5, "multiplier": 2.0})
    golden = (
        {},
        {"minimum": 0.1},
        {"period": 3.0, "minimum": 0.1},
        {"period": 10 / 7, "multiplier": 2.0},
        {"period": 1.0, "multiplier": 3.0, "minimum": 0.05},
        {"period": 12.0},
    )
    refused = ({"minimum": 1.1}, {"multiplier": 2.0}, {"period": 0.0}, {"period": 2.0, "multiplier": 0.5})

    @staticmethod
    def reference(schedule: Cosine, epoch: float) -> float:
        low, length = schedule.minimum, schedule.period or EPOCHS
        while epoch >= length:
            epoch -= length
            length *= schedule.multiplier
        return low + (1 - low) * math.cos(math.pi * epoch / length / 2) ** 2

    @staticmethod
    def pytorch(optimizer: Any, minimum: float = 0.0, period: float | None = None, multiplier: float = 1.0) -> Any:
        from torch.optim.lr_scheduler import CosineAnnealingLR, CosineAnnealingWarmRestarts

        if period is None:
            return CosineAnnealingLR(optimizer, EPOCHS * STEPS, eta_min=minimum * BASE)
        return CosineAnnealingWarmRestarts(optimizer, round(period * STEPS), int(multiplier), eta_min=minimum * BASE)

    def falls(self, case: Settings) -> bool:
        return "period" not in case


@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.3, 0.7, 1.1])
@pytest.mark.parametrize(("period", "multiplier"), [(0.3, 1.0), (2.0, 1.0), (0.2, 2.0), (0.8, 1.5)])
def test_it_restarts_on_the_step(warmup: float, period: float, multiplier: float) -> None:
    """2.1 - 0.1 is a bit less than 2.0 in floating point for some fractions; the step must come all the same."""
    found = rates(Cosine(period=period, multiplier=multiplier, warmup=warmup), epochs=50, steps=20, base=1.0)
    step, length = round(warmup * 20), period * 20
    restarts = []
    while step < len(found):
        if math.isclose(step, round(step)):
            restarts.append(round(step))
        step, length = step + length, length * multiplier
    assert len(restarts) > 3
    np.testing.assert_allclose(found[restarts], 1.0, rtol=1e-12)
