"""Sums over a batch, and what a step adds to the epoch's: its loss and its number of targets."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, kernel


@kernel()
def sum_losses(losses: Array, loss_sum: Array) -> None:
    """loss_sum = the sum of the losses, from the first to the last. losses: (N,), loss_sum: (1,), both float64."""
    total = 0.0
    for i in range(losses.size):
        total += losses[i]
    loss_sum[0] = total


@kernel()
def count_rows(count: Array, loss_sum: Array, state: Array) -> None:
    """state[0] += count, state[1] += loss_sum. count: (1,); loss_sum: (1,), state: (2 or more,), float64."""
    state[0] += count[0]
    state[1] += loss_sum[0]
