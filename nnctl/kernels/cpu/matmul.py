"""Matrix products in the three forms that a linear layer needs. All arrays are contiguous, and of one dtype.

Each element sums in the order of k, whatever the tile, except that products with up to four columns, and of up to four
rows with a transposed matrix, are dot products with an order of their own. The bits never depend on the threads.
"""

from __future__ import annotations

from math import prod

import numpy as np

from nnctl.kernels.cpu.gemm.gemm import (
    L2_BYTES,
    PACKED_COLUMNS,
    PACKED_ROWS,
    Codes,
    bias_or_empty,
    gemm,
    gemm_code,
    window_gemm,
)
from nnctl.kernels.cpu.simd.memory import address_of, copy_element, stack_buffer
from nnctl.kernels.cpu.sizes import DEPTH, DOT_PRODUCT_COLUMNS, LARGE_WEIGHT
from nnctl.kernels.kernel import Array, Partition, by_row, by_sample, kernel

MULTIPLY_ADD = 0.018  # nanoseconds, roughly
_MIN_ROWS = 48  # in a row: so that a panel of b, once in the cache, serves several tiles


def _samples(code: Codes, a: Array, b: Array, bias: Array, out: Array) -> Partition:
    return by_sample(len(out), MULTIPLY_ADD * b.size, PACKED_ROWS if b.nbytes > L2_BYTES else _MIN_ROWS)


@kernel(_samples)
def _product(begin: int, end: int, code: Codes, a: Array, b: Array, bias: Array, out: Array) -> None:
    size, columns, depth = out.itemsize, out.shape[1], a.shape[1]
    gemm(
        out, code, address_of(a) + size * begin * depth, depth, 1, address_of(b), columns, 1,
        address_of(out) + size * begin * columns, columns, address_of(bias) if bias.size else 0, 0,
        end - begin, depth, columns,
    )  # fmt: skip


_COLUMNS = 32  # of an item
_PART_COLUMNS = 128  # of an item, where the parts of sums are made side by side
_DOT_PRODUCT_ROWS = 4  # of a, up to which dot products are faster than transposing b
_DOT_PRODUCT_BYTES = _COLUMNS * _DOT_PRODUCT_ROWS * 8  # of an item


def _grain(a: Array, b: Array) -> int:
    """Items that one thread should do in a row: enough columns to make up for a copy of a, where one is made."""
    return PACKED_COLUMNS // _COLUMNS if len(a) >= PACKED_ROWS and b.nbytes > L2_BYTES else 1


def _by_columns(code: Codes, a: Array, b: Array, bias: Array, out: Array) -> Partition:
    return Partition(-(-b.shape[1] // _COLUMNS), _COLUMNS * MULTIPLY_ADD * a.size, _grain(a, b))


@kernel(_by_columns)
def _product_by_columns(begin: int, end: int, code: Codes, a: Array, b: Array, bias: Array, out: Array) -> None:
    first, last = _COLUMNS * begin, min(_COLUMNS * end, b.shape[1])
    size, columns, depth = out.itemsize, out.shape[1], a.shape[1]
    gemm(
        out, code, address_of(a), depth, 1, address_of(b) + size * first, columns, 1,
        address_of(out) + size * first, columns, address_of(bias) + size * first if bias.size else 0, 0,
        len(a), depth, last - first,
    )  # fmt: skip


def matmul(a: Array, b: Array, out: Array) -> None:
    """out = a b. a: (M, K), a row for each sample of the batch; b: (K, N), out: (M, N)."""
    matmul_bias(a, b, None, out)


def matmul_bias(a: Array, b: Array, bias: Array | None, out: Array) -> None:
    """out = a b + bias. As `matmul`; bias: (N,), or None."""
    large = b.size >= max(LARGE_WEIGHT, a.size)
    multiply = _product_by_columns if large else _product
    multiply(gemm_code(out.dtype, out.shape[1]), a, b, bias_or_empty(bias, out.dtype), out)


def _by_part(code: Codes, a: Array, b: Array, bias: Array, partial: Array) -> Partition:
    parts, columns = partial.shape[1:]
    blocks = -(-columns // _PART_COLUMNS)
    return Partition(parts * blocks, MULTIPLY_ADD * a.size * columns / (parts * blocks))


@kernel(_by_part)
def _partial_products(begin: int, end: int, code: Codes, a: Array, b: Array, bias: Array, partial: Array) -> None:
    size, depth, (_, parts, columns) = partial.itemsize, a.shape[1], partial.shape
    blocks = (columns + _PART_COLUMNS - 1) // _PART_COLUMNS
    while begin < end:
        part, j = begin // blocks, begin % blocks * _PART_COLUMNS
        begin = min(end, (part + 1) * blocks)
        last_column = min((begin - part * blocks) * _PART_COLUMNS, columns)
        k, last = part * depth // parts, (part + 1) * depth // parts
        gemm(
            partial, code, address_of(a) + size * k, depth, 1, address_of(b) + size * (k * columns + j), columns, 1,
            address_of(partial) + size * (part * columns + j), parts * columns,
            address_of(bias) + size * j if bias.size and part == 0 else 0, 0, len(a), last - k, last_column - j,
        )  # fmt: skip


@kernel(lambda partial, out: by_sample(len(out), 0.05 * partial[0].size))
def _add_parts(begin: int, end: int, partial: Array, out: Array) -> None:
    for i in range(begin, end):
        for j in range(out.shape[1]):
            out[i, j] = partial[i, 0, j] + partial[i, 1, j]
        for part in range(2, partial.shape[1]):
            for j in range(out.shape[1]):
                out[i, j] += partial[i, part, j]


def matmul_large(a: Array, b: Array, bias: Array | None, partial: Array, out: Array) -> None:
    """As `matmul_bias`, bit for bit, for a large b. partial: scratch of `sizes.matmul_scratch`, or of any other size.

    Where it is large enough, the parts of the sums are made side by side, and partitioned by the rows of b: so a thread
    reads the rows that it has updated itself; lines that another core has written are slow to load.
    """
    shape = len(a), -(-a.shape[1] // DEPTH), out.shape[1]
    if shape[1] > 1 and prod(shape) <= partial.size and shape[2] > DOT_PRODUCT_COLUMNS:
        parts = partial.ravel()[: prod(shape)].reshape(shape)
        _partial_products(gemm_code(out.dtype, out.shape[1]), a, b, bias_or_empty(bias, out.dtype), parts)
        _add_parts(parts, out)
    else:
        matmul_bias(a, b, bias, out)


def _rows(code: Codes, one: Array, a: Array, b: Array, out: Array, sums: Array) -> Partition:
    return by_row(len(out) + (1 if sums.size else 0), MULTIPLY_ADD * b.size, _MIN_ROWS, out, sums)


@kernel(_rows)
def _transposed_product(
    begin: int, end: int, code: Codes, one: Array, a: Array, b: Array, out: Array, sums: Array
) -> None:
    size, columns, depth = out.itemsize, out.shape[1], b.shape[0]
    if begin < len(out):
        gemm(
            out, code, address_of(a) + size * begin, 1, a.shape[1], address_of(b), columns, 1,
            address_of(out) + size * begin * columns, columns, 0, 0, min(end, len(out)) - begin, depth, columns,
        )  # fmt: skip
    if end > len(out):  # a row of ones times b
        gemm(
            out, code, address_of(one), 0, 0, address_of(b), columns, 1,
            address_of(sums), columns, 0, 0, 1, depth, columns,
        )  # fmt: skip


def matmul_transposed_a(a: Array, b: Array, out: Array) -> None:
    """out = a^T b, the gradient of the weight. a: (K, M), b: (K, N), out: (M, N)."""
    matmul_transposed_a_sum(a, b, out, None)


def matmul_transposed_a_sum(a: Array, b: Array, out: Array, sums: Array | None) -> None:
    """As `matmul_transposed_a`, and sums = the sum of b's rows, the gradient of the bias: (N,), or None."""
    code = gemm_code(out.dtype, out.shape[1])
    _transposed_product(code, _ONE[out.dtype], a, b, out, bias_or_empty(sums, out.dtype))


@kernel(_rows)
def _product_over_steps(
    begin: int, end: int, code: Codes, one: Array, a: Array, b: Array, out: Array, sums: Array
) -> None:
    size, (samples, steps, columns), width = out.itemsize, b.shape, a.shape[2]
    if begin < len(out):
        window_gemm(
            out, code, address_of(a) + size * begin, 1, width, steps * width, address_of(b), columns, steps * columns,
            address_of(out) + size * begin * columns, columns, 0, 0, min(end, len(out)) - begin, steps, samples,
            columns,
        )  # fmt: skip
    if end > len(out):  # a row of ones times b
        window_gemm(
            out, code, address_of(one), 0, 0, 0, address_of(b), columns, steps * columns,
            address_of(sums), columns, 0, 0, 1, steps, samples, columns,
        )  # fmt: skip


def matmul_over_steps(a: Array, b: Array, out: Array, sums: Array | None) -> None:
    """As `matmul_transposed_a_sum` with a row a step, and the sums in the order of the steps, of each all samples.

    So steps behind all others at which b is 0 change no bit. a: (S, T, M), b: (S, T, N), out: (M, N), sums: (N,).
    """
    code = gemm_code(out.dtype, out.shape[1])
    _product_over_steps(code, _ONE[out.dtype], a, b, out, bias_or_empty(sums, out.dtype))


def _by_column(code: Codes, a: Array, b: Array, out: Array) -> Partition:
    return Partition(-(-len(b) // _COLUMNS), _COLUMNS * b.shape[1] * (MULTIPLY_ADD * len(a) + 0.15), _grain(a, b))


@kernel(_by_column)
def _product_transposed(begin: int, end: int, code: Codes, a: Array, b: Array, out: Array) -> None:
    first, last = _COLUMNS * begin, min(_COLUMNS * end, len(b))
    size, columns, depth = out.itemsize, out.shape[1], a.shape[1]
    gemm(
        out, code, address_of(a), depth, 1, address_of(b) + size * first * depth, 1, depth,
        address_of(out) + size * first, columns, 0, 0, len(a), depth, last - first,
    )  # fmt: skip


@kernel(_by_column)
def _rows_transposed(begin: int, end: int, code: Codes, a: Array, b: Array, out: Array) -> None:
    first, last = _COLUMNS * begin, min(_COLUMNS * end, len(b))
    size, rows, depth, block = out.itemsize, len(a), a.shape[1], stack_buffer(out, _DOT_PRODUCT_BYTES)
    for j in range(first, last, _COLUMNS):
        columns = min(_COLUMNS, last - j)
        gemm(
            out, code, address_of(b) + size * j * depth, depth, 1, address_of(a), 1, depth,
            block, rows, 0, 0, columns, depth, rows,
        )  # fmt: skip
        for row in range(rows):
            for column in range(columns):
                source, target = block + size * (column * rows + row), row * out.shape[1] + j + column
                copy_element(out, source, address_of(out) + size * target, 0)


def matmul_transposed_b(a: Array, b: Array, out: Array, *, has_steps: bool = False) -> None:
    """out = a b^T, the gradient of the inputs. a: (M, K), b: (N, K), out: (M, N).

    has_steps: whether the rows are steps of sequences, whose padding must change no bit of the others.

    Partitioned by the rows of b, so that a thread reads what it has updated itself: lines that another core has
    written are slow to load.
    """
    if len(a) <= _DOT_PRODUCT_ROWS and not has_steps:
        _rows_transposed(gemm_code(out.dtype, len(a)), a, b, out)
    else:
        _product_transposed(gemm_code(out.dtype, out.shape[1]), a, b, out)


_ONE = {np.dtype(name): np.ones(1, name) for name in ("float32", "float64")}
