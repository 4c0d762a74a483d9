"""Sums over rows, made in fixed chunks, so that their bits do not depend on the threads."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_chunk, by_item, compiled, kernel


@compiled
def add_rows(a: Array, first: int, last: int, sums: Array) -> None:
    """sums += a[first:last], rows of N elements. a: flat. sums: (a multiple of N,), for several rows at once, so that
    an addition need not wait for the one before.
    """
    width = sums.size
    for start in range(first, last, width):
        numbers = a[start : min(start + width, last)]
        for i in range(len(numbers)):
            sums[i] += numbers[i]


@compiled
def add_up(sums: Array, columns: int) -> None:
    """sums[:N] = the sum of all rows of N elements in sums. columns: N."""
    for start in range(columns, sums.size, columns):
        numbers = sums[start : start + columns]
        for i in range(columns):
            sums[i] += numbers[i]


@kernel(lambda partial, out: by_item(out.size, 0.2 * len(partial)))
def add_chunks(begin: int, end: int, partial: Array, out: Array) -> None:
    """out = the sum of the chunks, added in their order. partial: (chunks, at least size), out: (size,)."""
    for i in range(begin, end):
        out[i] = partial[0, i]
    for chunk in range(1, partial.shape[0]):
        for i in range(begin, end):
            out[i] += partial[chunk, i]


@kernel(lambda a, columns, partial: by_chunk(len(partial), 0.1 * a.size / len(partial)))
def _chunk_sums(begin: int, end: int, a: Array, columns: int, partial: Array) -> None:
    samples, chunks = len(a), len(partial)
    size = a[0].size
    for chunk in range(begin, end):
        sums = partial[chunk]
        sums[:] = 0
        add_rows(a.reshape(-1), chunk * samples // chunks * size, (chunk + 1) * samples // chunks * size, sums)
        add_up(sums, columns)


def sum_rows(a: Array, partial: Array, out: Array) -> None:
    """out = the sum of a's rows, over samples and positions. a: (N, ..., C), out: (C,).

    partial: (chunks, a multiple of C), scratch of `sizes.sum_scratch`: a fixed number of chunks of the samples.
    """
    _chunk_sums(a.reshape(len(a), -1), out.size, partial)
    add_chunks(partial, out)
