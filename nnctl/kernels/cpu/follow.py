"""What a step leaves behind for those who follow a run: its loss and its gradient's norm."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.vector import sum_in_order, sum_in_strands
from nnctl.kernels.kernel import Array, kernel


@kernel()
def take_loss(begin: int, end: int, losses: Array, loss_sum: Array) -> None:
    """loss_sum = the sum of the losses, from the first to the last. losses: (N,), loss_sum: (1,), both float64."""
    loss_sum[0] = sum_in_order(losses)


@kernel()
def take_norm(begin: int, end: int, squares: Array, norm: Array, norm_sum: Array) -> None:
    """norm = the root of the sum of squares, and norm_sum += norm where it is finite.

    squares: what `square_sums` left. norm, norm_sum: (1,) float64.
    """
    norm[0] = np.sqrt(sum_in_strands(squares))
    if np.isfinite(norm[0]):
        norm_sum[0] += norm[0]


@kernel()
def count(begin: int, end: int, samples: int, loss_sum: Array, state: Array) -> None:
    """Add a batch to the samples and the losses so far. loss_sum: (1,), state: its first two numbers, both float64."""
    state[0] += samples
    state[1] += loss_sum[0]
