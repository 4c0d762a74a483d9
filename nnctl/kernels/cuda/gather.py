"""Batches of samples, gathered in the order of the epoch."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda source, order, out, start: out.size)
def gather_rows(source: Array, order: Array, out: Array, start: int) -> None:
    """out[i] = source[order[start + i]]. source: (N, F), order: (M,) int64 in 0..N-1, out: (B, F), start + B <= M."""
    width = out.shape[1]
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        i, j = item // width, item % width
        out[i, j] = source[order[start + i], j]


@kernel(lambda source, order, out, start: out.size)
def gather_values(source: Array, order: Array, out: Array, start: int) -> None:
    """out[i] = source[order[start + i]]. source: (N,), order: (M,) int64 in 0..N-1, out: (B,), start + B <= M."""
    for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        out[i] = source[order[start + i]]
