"""The schedule of the inverse square root."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.schedules.inverse_sqrt import InverseSqrt
from tests.support.schedule_check import BASE, STEPS, ScheduleCheck, rates


class TestInverseSqrt(ScheduleCheck):
    kind = InverseSqrt
    cases = ({"timescale": 2.0, "warmup": 0.0}, {"timescale": 0.5, "warmup": 0.0})
    golden = ({"timescale": 3.0, "warmup": 0.0},)
    refused = ({"warmup": 0.0}, {"timescale": 0.0}, {"timescale": -1.0})

    @staticmethod
    def reference(schedule: InverseSqrt, epoch: float) -> float:
        assert schedule.timescale is not None
        return float(np.sqrt(schedule.timescale / (schedule.timescale + epoch)))

    @staticmethod
    def pytorch(optimizer: Any, timescale: float, warmup: float) -> Any:
        from torch.optim.lr_scheduler import LambdaLR

        return LambdaLR(optimizer, lambda step: (1 + step / STEPS / timescale) ** -0.5)


def test_it_warms_up_for_an_epoch_unless_it_is_told() -> None:
    np.testing.assert_array_equal(rates(InverseSqrt()), rates(InverseSqrt(warmup=1.0, timescale=1.0)))


@pytest.mark.parametrize("warmup", [1.0, 2.0, 10 / 7])
def test_with_the_warmup_as_timescale_it_is_the_transformers(warmup: float) -> None:
    """d_model^-0.5 min(step^-0.5, step warmup_steps^-1.5), scaled to the peak; after it, its steps count from 0."""
    found, warmup_steps = rates(InverseSqrt(warmup=warmup)), round(warmup * STEPS)
    steps = np.arange(len(found))
    counted = np.where(steps < warmup_steps, steps + 1, steps)
    expected = np.minimum(counted**-0.5, counted * warmup_steps**-1.5) * warmup_steps**0.5
    np.testing.assert_allclose(found, BASE * expected, rtol=1e-12)
