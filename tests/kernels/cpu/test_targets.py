"""What rows without a target are, and how many have one."""

from __future__ import annotations

import numpy as np

from nnctl.kernels import cpu


def test_real_steps_are_counted() -> None:
    count = np.array([9])
    cpu.targets.count_steps(np.array([3, 1, 4]), count)
    assert count[0] == 8
