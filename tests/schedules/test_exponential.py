"""The exponential schedule."""

from __future__ import annotations

from typing import Any

import pytest

from nnctl.schedules.exponential import Exponential
from tests.support.schedule_check import ScheduleCheck, rates


class TestExponential(ScheduleCheck):
    kind = Exponential
    cases = ({"gamma": 0.9},)
    golden = ({"gamma": 0.9},)
    refused = ({}, {"gamma": 0.0})
    each_epoch = True

    @staticmethod
    def reference(schedule: Exponential, epoch: float) -> float:
        return schedule.gamma ** int(epoch)

    @staticmethod
    def pytorch(optimizer: Any, gamma: float) -> Any:
        from torch.optim.lr_scheduler import ExponentialLR

        return ExponentialLR(optimizer, gamma=gamma)


@pytest.mark.parametrize("warmup", [0.1, 0.2, 0.3, 0.6, 0.7, 1.1])
def test_after_a_fraction_of_an_epoch_changes_come_on_the_step(warmup: float) -> None:
    """2.1 - 0.1 is a bit less than 2.0 in floating point for some fractions; the step must come all the same."""
    found = rates(Exponential(gamma=0.5, warmup=warmup), epochs=9, steps=10, base=1.0)
    first = round(warmup * 10)
    for step in range(first, len(found)):
        assert found[step] == 0.5 ** ((step - first) // 10)
