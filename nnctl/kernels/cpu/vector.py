"""What is done to a flat vector of parameters, gradients or losses as a whole."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, compiled


@compiled
def sum_in_order(values: Array) -> float:
    """The sum from the first to the last. values: (N,) float64."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


@compiled
def sum_in_strands(values: Array) -> float:
    """The sum of four sums side by side, so that an addition need not wait for the one before. values: (N,) float64."""
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    for i in range(0, values.size - 3, 4):
        first += values[i]
        second += values[i + 1]
        third += values[i + 2]
        fourth += values[i + 3]
    for i in range(values.size // 4 * 4, values.size):
        first += values[i]
    return first + second + (third + fourth)
