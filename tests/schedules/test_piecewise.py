"""The schedule of steps of any height."""

from __future__ import annotations

from typing import Any

import pytest

from nnctl.schedules.piecewise import Piecewise
from tests.support.schedule_check import ScheduleCheck, rates


class TestPiecewise(ScheduleCheck):
    kind = Piecewise
    cases = ({"epochs": [3.0, 6.5], "factors": [0.5, 0.1]}, {"epochs": [0.0], "factors": [0.2]})
    golden = ({"epochs": [3.0, 5.0, 8.0], "factors": [0.4, 0.16, 0.064]},)
    refused = (
        {},
        {"epochs": [], "factors": []},
        {"epochs": [3.0, 6.0], "factors": [0.5]},
        {"epochs": [3.0, 3.0], "factors": [0.5, 0.1]},
        {"epochs": [6.0, 3.0], "factors": [0.5, 0.1]},
        {"epochs": [-1.0], "factors": [0.5]},
        {"epochs": [1.0], "factors": [0.0]},
    )
    each_epoch = True

    @staticmethod
    def reference(schedule: Piecewise, epoch: float) -> float:
        share = 1.0
        for start, factor in zip(schedule.epochs, schedule.factors, strict=True):
            if epoch >= start:
                share = factor
        return share

    @staticmethod
    def pytorch(optimizer: Any, epochs: list[float], factors: list[float]) -> Any:
        from torch.optim.lr_scheduler import MultiStepLR

        return MultiStepLR(optimizer, [int(epoch) for epoch in epochs], gamma=factors[0])


@pytest.mark.parametrize("warmup", [0.1, 0.2, 0.3, 0.6, 0.7, 1.1])
def test_after_a_fraction_of_an_epoch_changes_come_on_the_step(warmup: float) -> None:
    found = rates(Piecewise(epochs=[2.0, 3.0], factors=[0.5, 2.0], warmup=warmup), epochs=9, steps=10, base=1.0)
    first = round(warmup * 10)
    assert set(found[first : first + 20]) == {1.0}
    assert set(found[first + 20 : first + 30]) == {0.5}
    assert set(found[first + 30 :]) == {2.0}
