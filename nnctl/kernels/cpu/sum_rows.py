"""Sums over the rows of a matrix in fixed chunks, added in their order: so the bits do not depend on the threads."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_chunk, kernel, shared


@kernel(lambda a, columns, partial: by_chunk(len(partial), 0.1 * a.size / len(partial)))
def sum_chunks(begin: int, end: int, a: Array, columns: int, partial: Array) -> None:
    """The sums of the rows of each chunk, in the first N columns of partial. a: (M N,), rows of so many columns.

    partial: (chunks, some times N), to work in. As many rows as fit its width are added side by side, so that an
    addition need not wait for the one before.
    """
    rows, chunks, width = a.size // columns, partial.shape[0], partial.shape[1]
    for chunk in range(begin, end):
        sums = partial[chunk]
        sums[:] = 0
        first, last = chunk * rows // chunks * columns, (chunk + 1) * rows // chunks * columns
        for start in range(first, last, width):
            numbers = a[start : min(start + width, last)]
            for i in range(len(numbers)):
                sums[i] += numbers[i]
        for start in range(columns, width, columns):
            numbers = sums[start : start + columns]
            for i in range(columns):
                sums[i] += numbers[i]


@kernel(lambda partial, out: shared(out.size, 0.2 * len(partial)))
def add_chunks(begin: int, end: int, partial: Array, out: Array) -> None:
    """out = the sum of the chunks, added in their order. partial: (chunks, at least size), out: (size,)."""
    for i in range(begin, end):
        out[i] = partial[0, i]
    for chunk in range(1, partial.shape[0]):
        for i in range(begin, end):
            out[i] += partial[chunk, i]
