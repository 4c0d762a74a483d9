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


@kernel(lambda source, table, order, out, start: out.size)
def gather_bytes(source: Array, table: Array, order: Array, out: Array, start: int) -> None:
    """out[i, j] = table[source[order[start + i], j], j mod C]: bytes become numbers, by number of the last axis.

    source: (N, F) uint8, table: (256, C), C divides F. order, out, start: as for `gather_rows`.
    """
    width, channels = out.shape[1], table.shape[1]
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        i, j = item // width, item % width
        out[i, j] = table[source[order[start + i], j], j % channels]


@kernel(lambda lengths, out: out.size)
def clear_padding(lengths: Array, out: Array) -> None:
    """out[n, lengths[n]:] = 0. lengths: (N,) int64, out: (N, T, F)."""
    steps, features = out.shape[1], out.shape[2]
    for item in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        n, t, f = item // (steps * features), item // features % steps, item % features
        if t >= lengths[n]:
            out[n, t, f] = 0


@kernel(lambda source, order, out, start: out.size)
def gather_values(source: Array, order: Array, out: Array, start: int) -> None:
    """out[i] = source[order[start + i]]. source: (N,), order: (M,) int64 in 0..N-1, out: (B,), start + B <= M."""
    for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        out[i] = source[order[start + i]]
