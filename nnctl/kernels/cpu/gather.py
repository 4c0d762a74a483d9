"""Batches out of the samples: rows copied in the order of the epoch."""

from __future__ import annotations

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def gather_rows(out: Array, source: Array, order: Array, start: int) -> None:
    """out[i] = source[order[start + i]]. source: (N, F), order: (M,) int64 in 0..N-1, out: (B, F), start + B <= M."""
    for i in prange(out.shape[0]):
        row = source[order[start + i]]
        for j in range(out.shape[1]):
            out[i, j] = row[j]


@parallel_kernel
def gather_values(out: Array, source: Array, order: Array, start: int) -> None:
    """out[i] = source[order[start + i]]. source: (N,), order: (M,) int64 in 0..N-1, out: (B,), start + B <= M."""
    for i in prange(out.shape[0]):
        out[i] = source[order[start + i]]
