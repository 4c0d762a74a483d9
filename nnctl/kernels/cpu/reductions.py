"""Reductions of a step to single numbers: its loss, its number of samples, and the norm of its gradient."""

from __future__ import annotations

import numpy as np

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
def gradient_norm(begin: int, end: int, squares: Array, norm: Array, norm_sum: Array) -> None:
    """norm = the square root of the sum of squares; norm_sum += norm where it is finite.

    squares: (N,), sums of squares made by `vector.square_sums`; norm, norm_sum: (1,); all float64.
    """
    norm[0] = np.sqrt(unrolled_sum(squares))
    if np.isfinite(norm[0]):
        norm_sum[0] += norm[0]


@kernel()
def count_samples(begin: int, end: int, samples: int, loss_sum: Array, state: Array) -> None:
    """state[0] += samples, state[1] += loss_sum. loss_sum: (1,), state: (at least 2,), both float64."""
    state[0] += samples
    state[1] += loss_sum[0]
