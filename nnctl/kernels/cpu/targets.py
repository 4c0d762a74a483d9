"""Rows that have no target, as the steps of a sequence beyond its length: a class of -1, or values that are NaN."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, compiled, kernel


@compiled
def is_missing(targets: Array, i: int) -> bool:
    """Whether this row has no values: its first is NaN. targets: (N, K)."""
    return bool(targets[i, 0] != targets[i, 0])


@compiled
def skip(losses: Array, d_outputs: Array, i: int) -> None:
    """The loss of a row without a target is 0, and so is its gradient. losses: (N,), d_outputs: (N, K)."""
    losses[i] = 0.0
    zero = d_outputs.dtype.type(0)
    for j in range(d_outputs.shape[1]):
        d_outputs[i, j] = zero


@kernel()
def count_steps(begin: int, end: int, lengths: Array, count: Array) -> None:
    """count = the sum of the lengths: how many steps are real. lengths: (N,), count: (1,), both int64."""
    count[0] = 0
    for n in range(lengths.size):
        count[0] += lengths[n]
