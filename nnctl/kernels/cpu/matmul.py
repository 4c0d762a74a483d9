"""Matrix products in the three forms that a linear layer needs. All arrays are contiguous, of one dtype.

Each element sums in the order of k, whatever is computed with it: the bits do not depend on the number of threads.
"""

from __future__ import annotations

from nnctl.kernels.cpu.product import product
from nnctl.kernels.cpu.tile import tile_code
from nnctl.kernels.cpu.vector import add_chunks
from nnctl.kernels.kernel import Array, Share, by_chunk, by_sample, kernel

MULTIPLY_ADD = 0.018  # nanoseconds, roughly
LEAST_ROWS = 48  # in a row: so that a panel of b, once in the cache, serves several tiles


def _shared_rows(
    code: int, a: Array, a_row: int, a_column: int, b: Array, out: Array, samples: bool, add: bool
) -> Share:
    rows, columns = out.shape
    return Share(rows, MULTIPLY_ADD * len(b) * columns, LEAST_ROWS, along="samples" if samples else None)


@kernel(_shared_rows)
def _rows(
    begin: int,
    end: int,
    code: int,
    a: Array,
    a_row: int,
    a_column: int,
    b: Array,
    out: Array,
    samples: bool,
    add: bool,
) -> None:
    """out (+)= A b, with A (M, K) by its strides; b: (K, N), out: (M, N). samples: whether its rows are the batch's."""
    size, columns = out.itemsize, out.shape[1]
    product(
        code,
        size,
        a.ctypes.data + size * begin * a_row,
        a_row,
        a_column,
        b.ctypes.data,
        columns,
        out.ctypes.data + size * begin * columns,
        columns,
        end - begin,
        b.shape[0],
        columns,
        add,
    )


@kernel(lambda out, *_: by_sample(len(out), 0.2 * out.shape[1]))
def fill_rows(begin: int, end: int, out: Array, bias: Array) -> None:
    """out[i] = bias. out: (M, N), bias: (N,)."""
    for i in range(begin, end):
        for j in range(out.shape[1]):
            out[i, j] = bias[j]


def matmul(a: Array, b: Array, out: Array) -> None:
    """out = a b. a: (M, K), a row for each sample of the batch; b: (K, N), out: (M, N)."""
    _rows(tile_code(out.dtype), a, a.shape[1], 1, b, out, True, False)


def matmul_bias(a: Array, b: Array, bias: Array, out: Array) -> None:
    """out = a b + bias. As `matmul`; bias: (N,)."""
    fill_rows(out, bias)
    _rows(tile_code(out.dtype), a, a.shape[1], 1, b, out, True, True)


def matmul_transposed_a(a: Array, b: Array, out: Array) -> None:
    """out = a^T b, the weight's gradient. a: (K, M), b: (K, N), out: (M, N)."""
    _rows(tile_code(out.dtype), a, 1, a.shape[1], b, out, False, False)


def sum_rows(a: Array, partial: Array, out: Array) -> None:
    """out = the sum of the rows, the bias's gradient. a: (M, N), out: (N,).

    partial: (chunks, some times N), to work in: a fixed number of chunks of the rows, which are then added in order. As
    many rows as fit its width are added side by side.
    """
    sum_chunks(a.ravel(), a.shape[1], partial)
    add_chunks(partial, out)


@kernel(lambda a, columns, partial: by_chunk(len(partial), 0.1 * a.size / len(partial)))
def sum_chunks(begin: int, end: int, a: Array, columns: int, partial: Array) -> None:
    """The sums of the rows of each chunk, in the first N columns of partial. As `sum_rows`, a: (M N,)."""
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
