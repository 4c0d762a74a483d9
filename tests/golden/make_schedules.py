"""Write golden/schedules/: learning rates of PyTorch's schedulers, with the settings in each schedule's test file.

Run by hand where PyTorch is installed: python -m tests.golden.make_schedules
"""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LinearLR, LRScheduler

from nnctl.schedules.schedule import Schedule
from nnctl.spec import kinds
from tests.support.kinds_have_tests import check_of
from tests.support.schedule_check import BASE, STEPS, WARMUP, ScheduleCheck


def rates(make: Callable[[Optimizer], LRScheduler], count: int) -> np.ndarray:
    """The learning rates of `count` steps of the scheduler."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=BASE)
    scheduler = make(optimizer)
    found = []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(found)


def main() -> None:
    WARMUP.parent.mkdir(exist_ok=True)
    warmup = rates(lambda optimizer: LinearLR(optimizer, 1 / (2 * STEPS), 1.0, 2 * STEPS - 1), 2 * STEPS)
    np.savez(WARMUP, rates=warmup)
    for schedule in kinds(Schedule).values():
        check = check_of(schedule, ScheduleCheck)
        arrays = {"settings": np.array(json.dumps(check.golden))}
        for index, settings in enumerate(check.golden):
            count = check.golden_epochs * (1 if check.each_epoch else STEPS)
            arrays[f"{index}.rates"] = rates(lambda it, of=check, own=settings: of.pytorch(it, **own), count)
        np.savez(check.golden_file(), **arrays)


if __name__ == "__main__":
    main()
