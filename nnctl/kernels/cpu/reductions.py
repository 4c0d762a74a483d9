"""Sums over a batch or a vector, and what a step adds to the epoch's: its loss and its number of targets."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, compiled, kernel


@compiled
def sequential_sum(values: Array) -> float:
    """The sum from the first to the last. values: (N,) float64."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


@compiled
def unrolled_sum(values: Array) -> float:
    """The sum in four accumulators, so that an addition need not wait for the one before. values: (N,) float64."""
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    for i in range(0, values.size - 3, 4):
        first += values[i]
        second += values[i + 1]
        third += values[i + 2]
        fourth += values[i + 3]
    for i in range(values.size // 4 * 4, values.size):
        first += values[i]
    return first + second + (third + fourth)


@kernel()
def sum_losses(begin: int, end: int, losses: Array, loss_sum: Array) -> None:
    """loss_sum = the sum of the losses, from the first to the last. losses: (N,), loss_sum: (1,), both float64."""
    loss_sum[0] = sequential_sum(losses)


@kernel()
def count_rows(begin: int, end: int, count: Array, loss_sum: Array, state: Array) -> None:
    """state[0] += count, state[1] += loss_sum. count: (1,); loss_sum: (1,), state: (2 or more,), float64."""
    state[0] += count[0]
    state[1] += loss_sum[0]
