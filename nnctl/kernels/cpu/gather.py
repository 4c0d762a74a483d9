"""Batches of samples, gathered in the order of the epoch."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, order, out, *_: by_sample(len(out), 10.0 + 0.2 * out.shape[1]))
def gather_rows(begin: int, end: int, source: Array, order: Array, out: Array, start: int) -> None:
    """out[i] = source[order[start + i]]. source: (N, F), order: (M,) int64 in 0..N-1, out: (B, F), start + B <= M."""
    for i in range(begin, end):
        row = source[order[start + i]]
        for j in range(out.shape[1]):
            out[i, j] = row[j]


@kernel(lambda source, order, out, *_: by_sample(len(out), 5.0))
def gather_values(begin: int, end: int, source: Array, order: Array, out: Array, start: int) -> None:
    """out[i] = source[order[start + i]]. source: (N,), order: (M,) int64 in 0..N-1, out: (B,), start + B <= M."""
    for i in range(begin, end):
        out[i] = source[order[start + i]]
