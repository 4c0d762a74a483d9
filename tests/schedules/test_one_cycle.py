"""The schedule of one cycle."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnctl.schedules.one_cycle import OneCycle
from tests.support.schedule_check import BASE, EPOCHS, STEPS, ScheduleCheck, rates


class TestOneCycle(ScheduleCheck):
    kind = OneCycle
    cases = ({}, {"annealing": "linear", "rise": 0.5, "start": 0.1, "minimum": 0.01}, {"rise": 0.0})
    golden = (
        {},
        {"annealing": "linear"},
        {"rise": 0.45, "start": 0.1, "minimum": 0.001},
        {"rise": 0.2, "start": 0.5, "minimum": 0.01, "annealing": "linear"},
    )
    refused = ({"warmup": 1.0}, {"rise": 1.0}, {"start": 0.0}, {"annealing": "step"})
    takes_warmup = False

    @staticmethod
    def reference(schedule: OneCycle, epoch: float) -> float:
        """By steps: the last of the rise is the one before that share of them is over."""
        step, peak, last = epoch * STEPS, schedule.rise * EPOCHS * STEPS - 1, EPOCHS * STEPS - 1
        places, values = [peak, last], [1.0, schedule.minimum]
        if peak > 0:
            places, values = [0, *places], [schedule.start, *values]
        done = np.interp(step, places, np.arange(len(places)))
        if schedule.annealing == "cosine":
            done = np.floor(done) + (1 - np.cos(np.pi * (done % 1))) / 2
        return float(np.interp(done, np.arange(len(places)), values))

    @staticmethod
    def pytorch(
        optimizer: Any, rise: float = 0.3, start: float = 0.04, minimum: float = 4e-6, annealing: str = "cosine"
    ) -> Any:
        from torch.optim.lr_scheduler import OneCycleLR

        return OneCycleLR(
            optimizer,
            BASE,
            total_steps=EPOCHS * STEPS,
            pct_start=rise,
            anneal_strategy={"cosine": "cos", "linear": "linear"}[annealing],
            div_factor=1 / start,
            final_div_factor=start / minimum,
            cycle_momentum=False,
        )


def test_short_runs_end_with_the_minimum() -> None:
    for epochs, steps in ((1, 1), (1, 2), (2, 3)):
        assert rates(OneCycle(minimum=0.25), epochs, steps, base=1.0)[-1] == 0.25
