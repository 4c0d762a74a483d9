"""What a step leaves behind for those who follow a run: its loss, its gradient's norm, whether both are numbers."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.vector import sum_in_order
from nnctl.kernels.kernel import Array, kernel


@kernel()
def take_loss(begin: int, end: int, losses: Array, loss_sum: Array) -> None:
    """loss_sum = the sum of the losses, from the first to the last. losses: (N,), loss_sum: (1,), both float64."""
    loss_sum[0] = sum_in_order(losses)


@kernel()
def take_norm(
    begin: int, end: int, partial: Array, loss_sum: Array, norm: Array, norm_sum: Array, broken: Array
) -> None:
    """norm = the root of the sum of partial, norm_sum += norm; broken = 1 where it or the loss is NaN or infinite.

    partial: what `square_sums` left. loss_sum, norm, norm_sum: (1,) float64. broken: (1,) int64, else 0. A broken norm
    is not added.
    """
    norm[0] = np.sqrt(sum_in_order(partial[:, 0]))
    broken[0] = 0 if np.isfinite(loss_sum[0]) and np.isfinite(norm[0]) else 1
    if broken[0] == 0:
        norm_sum[0] += norm[0]


@kernel()
def count(begin: int, end: int, samples: int, loss_sum: Array, state: Array) -> None:
    """Add a batch to the samples and the losses so far. loss_sum: (1,), state: its first two numbers, both float64."""
    state[0] += samples
    state[1] += loss_sum[0]
