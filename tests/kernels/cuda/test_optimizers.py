"""On numba's CUDA simulator the steps of optimizers come to the CPU's parameters and slots."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.command import surroundings

# in a process of its own: numba has the simulator or it has not
COMPARISON = """
import numpy as np
from nnctl.kernels.device import CPU
from nnctl.kernels.devices import device_named
from nnctl.optimizers.adadelta import Adadelta
from nnctl.optimizers.lamb import LAMB
from nnctl.optimizers.lion import Lion
from nnctl.optimizers.nadam import NAdam

shapes = [(183, 3), (3,)]  # the weights are two of LAMB's chunks
size = 552
random = np.random.default_rng(0)
start, gradients = random.normal(size=size).astype("f4"), random.normal(size=(3, size)).astype("f4")

def trained(optimizer, device):
    flat, slots = device.zeros(size, "f4"), device.zeros((len(optimizer.slots), size), "f4")
    device.write(start, flat)
    for step, gradient in enumerate(gradients, 1):
        optimizer.update(flat, device.from_host(gradient), slots, shapes, 0.1, step, device)
    return [*device.to_host(slots), device.to_host(flat)]

for optimizer in (
    Adadelta(weight_decay=0.1),
    LAMB(weight_decay=0.1),
    Lion(weight_decay=0.1),
    NAdam(weight_decay=0.1),
    NAdam(weight_decay=0.1, decoupled_weight_decay=True),
):
    for found, expected in zip(*(trained(optimizer, device) for device in (device_named("cuda"), CPU()))):
        assert np.abs(expected).max() > 0
        error = np.abs(found - expected).max() / np.abs(expected).max()
        assert error < 1e-5, (optimizer, error)
"""


@pytest.mark.slow
def test_steps_are_the_cpus() -> None:
    command = [sys.executable, "-c", COMPARISON]
    done = subprocess.run(command, env=surroundings(NUMBA_ENABLE_CUDASIM="1"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
