"""Write schedules.npz: learning rates of PyTorch's schedulers over 10 epochs of 7 steps, starting from 0.3.

Run by hand where PyTorch is installed: python tests/golden/make_schedules.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LinearLR, LRScheduler, StepLR

BASE, EPOCHS, STEPS = 0.3, 10, 7


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
    np.savez(
        Path(__file__).with_name("schedules.npz"),
        step=rates(lambda optimizer: StepLR(optimizer, step_size=3, gamma=0.4), EPOCHS),
        exponential=rates(lambda optimizer: ExponentialLR(optimizer, gamma=0.9), EPOCHS),
        cosine=rates(lambda optimizer: CosineAnnealingLR(optimizer, EPOCHS * STEPS), EPOCHS * STEPS),
        cosine_to_a_tenth=rates(
            lambda optimizer: CosineAnnealingLR(optimizer, EPOCHS * STEPS, eta_min=BASE / 10), EPOCHS * STEPS
        ),
        warmup=rates(lambda optimizer: LinearLR(optimizer, 1 / (2 * STEPS), 1.0, 2 * STEPS - 1), 2 * STEPS),
    )


if __name__ == "__main__":
    main()
