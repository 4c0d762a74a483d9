"""What a step leaves behind for those who follow a run: its loss and its gradient's norm."""

from __future__ import annotations

from nnctl.kernels.cpu.vector import sum_in_order
from nnctl.kernels.kernel import Array, kernel


@kernel()
def take_loss(begin: int, end: int, losses: Array, loss_sum: Array) -> None:
    """loss_sum = the sum of the losses, from the first to the last. losses: (N,), loss_sum: (1,), both float64."""
    loss_sum[0] = sum_in_order(losses)


@kernel()
def count(begin: int, end: int, samples: int, loss_sum: Array, state: Array) -> None:
    """Add a batch to the samples and the losses so far. loss_sum: (1,), state: its first two numbers, both float64."""
    state[0] += samples
    state[1] += loss_sum[0]
