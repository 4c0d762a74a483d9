"""Matrix products in the three forms that a linear layer needs. All arrays are contiguous, of one dtype.

Each block of the result belongs to one iteration, and each element sums in the order of k: the bits do not depend
on the number of threads. Small products run on the calling thread, since waking others costs more.
"""

from __future__ import annotations

from nnctl.kernels.cpu.product import columns_of, product
from nnctl.kernels.jit import Array, parallel_kernel, prange

SERIAL = 500_000  # multiply-adds below which one thread is faster than several
BLOCK_ROWS = 96  # of the result, in one task


@parallel_kernel
def _blocks(a: Array, a_row: int, a_column: int, b: Array, out: Array, add: bool) -> None:
    """out (+)= A b, with A (M, K) by its strides; b: (K, N), out: (M, N)."""
    rows, columns = out.shape
    depth = b.shape[0]
    size = out.itemsize
    a_start, b_start, c_start = a.ctypes.data, b.ctypes.data, out.ctypes.data
    if rows * columns * depth < SERIAL:
        product(out, a_start, a_row, a_column, b_start, columns, c_start, columns, rows, depth, columns, add)
    else:
        width = columns_of(out)
        across = (columns + width - 1) // width
        for task in prange((rows + BLOCK_ROWS - 1) // BLOCK_ROWS * across):
            i, j = task // across * BLOCK_ROWS, task % across * width
            product(
                out,
                a_start + size * i * a_row,
                a_row,
                a_column,
                b_start + size * j,
                columns,
                c_start + size * (i * columns + j),
                columns,
                min(BLOCK_ROWS, rows - i),
                depth,
                min(width, columns - j),
                add,
            )


@parallel_kernel
def fill_rows(out: Array, bias: Array) -> None:
    """out[i] = bias. out: (M, N), bias: (N,)."""
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = bias[j]


def matmul(a: Array, b: Array, out: Array) -> None:
    """out = a b. a: (M, K), b: (K, N), out: (M, N)."""
    _blocks(a, a.shape[1], 1, b, out, False)


def matmul_bias(a: Array, b: Array, bias: Array, out: Array) -> None:
    """out = a b + bias. a: (M, K), b: (K, N), bias: (N,), out: (M, N)."""
    fill_rows(out, bias)
    _blocks(a, a.shape[1], 1, b, out, True)


def matmul_transposed_a(a: Array, b: Array, out: Array) -> None:
    """out = a^T b, the weight's gradient. a: (K, M), b: (K, N), out: (M, N)."""
    _blocks(a, 1, a.shape[1], b, out, False)


@parallel_kernel
def transpose(a: Array, out: Array) -> None:
    """out = a^T. a: (M, N), out: (N, M)."""
    rows, columns = a.shape
    for block in prange((rows + 15) // 16):  # 16 rows at a time fill whole cache lines of the result
        for j in range(columns):
            for i in range(16 * block, min(16 * block + 16, rows)):
                out[j, i] = a[i, j]


@parallel_kernel
def sum_rows(a: Array, partial: Array, out: Array) -> None:
    """out = the sum of the rows, the bias's gradient. a: (M, N), out: (N,).

    partial: (chunks, N), to work in: a fixed number of chunks of the rows, which are then added in order.
    """
    rows, columns = a.shape
    chunks = partial.shape[0]
    for chunk in prange(chunks):
        for j in range(columns):
            partial[chunk, j] = 0
        for i in range(chunk * rows // chunks, (chunk + 1) * rows // chunks):
            for j in range(columns):
                partial[chunk, j] += a[i, j]
    for j in range(columns):
        total = partial[0, j]
        for chunk in range(1, chunks):
            total += partial[chunk, j]
        out[j] = total
