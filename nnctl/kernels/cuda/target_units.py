"""From transformed targets back to the targets' own units."""

from __future__ import annotations

import math

from nnctl.kernels.cuda.kernel import Array, compiled, cuda, kernel

_LARGEST = 709.782712893384  # whose exponential a float64 holds


@compiled
def _exp(value: float) -> float:
    """Infinite where it overflows; Python's own raises there, and so does the simulator."""
    return math.inf if value > _LARGEST else math.exp(value)


@kernel(lambda values, *_: values.size)
def restore(values: Array, mean: Array, std: Array, out: Array, log: bool) -> None:
    """out = values std + mean, or exp of that where `log`: infinite where it overflows.

    values, out: (N, K); mean, std: (K,); all float64, but values also float32.
    """
    width = values.shape[1]
    for item in range(cuda.grid(1), values.size, cuda.gridsize(1)):
        i, j = item // width, item % width
        value = values[i, j] * std[j] + mean[j]
        out[i, j] = _exp(value) if log else value
