"""On numba's CUDA simulator every tally comes to the CPU's numbers, with weights and without."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.command import surroundings

# in a process of its own: numba has the simulator or it has not
COMPARISON = """
import numpy as np
from nnctl.kernels import cpu
from nnctl.kernels.devices import device_named
from nnctl.metrics.mape import MAPE
from nnctl.metrics.tally import CONFUSION, ERRORS, LOG_ERRORS, RANKS, ROWS, SURPRISAL, Sizes

device, random, rows = device_named("cuda"), np.random.default_rng(0), 11

def compare(tally, width, targets):
    outputs = random.normal(size=(rows, width)).astype(np.float32)
    columns, classes = targets.shape[1] if targets.ndim == 2 else 1, 2 if targets.ndim == 2 else width
    for weights in (np.zeros(0), random.integers(0, 4, rows) / 3):
        expected = tally.zeros(Sizes(width, classes, columns, rows))
        array = device.from_host(expected)
        for batch in (slice(7), slice(7, rows)):
            arrays = outputs[batch], targets[batch], weights[batch]
            tally.add(array, *map(device.from_host, arrays), 0.3 if width <= 2 else 0.0, device.kernels)
            tally.add(expected, *arrays, 0.3 if width <= 2 else 0.0, cpu)
        np.testing.assert_allclose(device.to_host(array), expected, rtol=1e-6, err_msg=tally.name)
        assert expected.any()

for width in (2, 4):
    targets = random.integers(0, width, rows)
    targets[3] = -1
    for tally in (CONFUSION, RANKS, SURPRISAL, ROWS):
        compare(tally, width, targets)
for width in (1, 3):
    targets = random.integers(0, 2, (rows, width)).astype(np.float32)
    targets[3] = np.nan
    for tally in (CONFUSION, SURPRISAL, ERRORS, LOG_ERRORS, ROWS, MAPE.tally):
        compare(tally, width, targets)
"""


@pytest.mark.slow
def test_tallies_are_the_cpus() -> None:
    command = [sys.executable, "-c", COMPARISON]
    done = subprocess.run(command, env=surroundings(NUMBA_ENABLE_CUDASIM="1"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
