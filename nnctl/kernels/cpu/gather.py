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


@kernel(lambda source, table, order, out, *_: by_sample(len(out), 10.0 + 0.7 * out.shape[1]))
def gather_bytes(begin: int, end: int, source: Array, table: Array, order: Array, out: Array, start: int) -> None:
    """out[i, j] = table[source[order[start + i], j], j mod C]: bytes become numbers, by number of the last axis.

    source: (N, F) uint8, table: (256, C), C divides F. order, out, start: as for `gather_rows`.
    """
    channels = table.shape[1]
    for i in range(begin, end):
        row = source[order[start + i]]
        if channels == 1:
            for j in range(out.shape[1]):
                out[i, j] = table[row[j], 0]
        else:
            for first in range(0, out.shape[1], channels):
                for c in range(channels):
                    out[i, first + c] = table[row[first + c], c]


@kernel(lambda lengths, out: by_sample(len(out), 5.0 + 0.1 * out[0].size))
def clear_padding(begin: int, end: int, lengths: Array, out: Array) -> None:
    """out[n, lengths[n]:] = 0. lengths: (N,) int64, out: (N, T, F)."""
    for n in range(begin, end):
        out[n, lengths[n] :] = 0


@kernel(lambda source, order, out, *_: by_sample(len(out), 5.0))
def gather_values(begin: int, end: int, source: Array, order: Array, out: Array, start: int) -> None:
    """out[i] = source[order[start + i]]. source: (N,), order: (M,) int64 in 0..N-1, out: (B,), start + B <= M."""
    for i in range(begin, end):
        out[i] = source[order[start + i]]
