"""C = D + A B of any size out of tiles, addressed by strides: only what is large or transposed is copied."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnctl.kernels.compiler.code import Code, c_function
from nnctl.kernels.compiler.emitted import emitted
from nnctl.kernels.compiler.jit import Array, compiled, inlined
from nnctl.kernels.cpu.gemm import dot_products
from nnctl.kernels.cpu.gemm.dot_products import dot_product_code, multiply_by_dot_products
from nnctl.kernels.cpu.gemm.micro_kernel import ROWS, micro_kernel, micro_kernel_code, next_columns, parts_of
from nnctl.kernels.cpu.gemm.narrow_gradient import transposed_is_faster, transposed_product
from nnctl.kernels.cpu.gemm.packing import PADDING_BYTES, WIDTH_BYTES, pack_panels
from nnctl.kernels.cpu.simd.memory import (
    LINE_BYTES,
    Matrix,
    at,
    copy_bytes,
    itemsize_of,
    operand,
    prefetch,
    stack_buffer,
)
from nnctl.kernels.cpu.simd.registers import call_with_operands
from nnctl.kernels.cpu.sizes import DEPTH, DOT_PRODUCT_COLUMNS

Pair = tuple[int, int]
Codes = tuple[int, int, int]  # the addresses of `gemm_code`


def gemm_code(dtype: Any, columns: int) -> tuple[Code, Code, Code | int]:
    """The code, 0 for none, that `gemm` and `window_gemm` call for a NumPy dtype and so many columns."""
    return (
        c_function(_gemm_of, (f"{dtype} *", "int64 *")),
        micro_kernel_code(dtype),
        dot_product_code(dtype) if columns <= DOT_PRODUCT_COLUMNS else 0,
    )


def bias_or_empty(bias: Array | None, dtype: Any) -> Array:
    """bias, or for None an empty array, which kernels take for no bias: so they are compiled once for both."""
    return _EMPTY[dtype] if bias is None else bias


_EMPTY = {np.dtype(name): np.zeros(0, name) for name in ("float32", "float64")}


@compiled
def gemm(
    like: Array,
    codes: Codes,
    a: int,
    a_row: int,
    a_column: int,
    b: int,
    b_row: int,
    b_column: int,
    c: int,
    c_row: int,
    d: int,
    d_row: int,
    rows: int,
    depth: int,
    columns: int,
) -> None:
    """C = D + A B. like: an array of the dtype of all; codes: its `gemm_code`. a, b, c, d: addresses, d 0 for none.

    A: (rows, depth), B: (depth, columns), C, D: (rows, columns). Strides are in elements. The rows of C and D are
    contiguous, and the rows or the columns of B. Sizes are at least 1.
    """
    one_tile = rows <= ROWS and depth <= DEPTH and b_column == 1 and next_columns(like, rows, columns) == columns
    if one_tile and not dot_products.are_faster(like, codes[2], a_column, depth, columns):
        micro_kernel(codes[1], a, a_row, 0, a_column, b, 0, b_row, c, c_row, d, d_row, rows, columns, 1, depth)
    else:  # called, not inlined: it takes long to compile
        _call_gemm(codes, a, a_row, a_column, b, b_row, b_column, c, c_row, d, d_row, rows, depth, columns)


@emitted()
def _call_gemm(
    builder: Any,
    codes: Any,
    a: Any,
    a_row: Any,
    a_column: Any,
    b: Any,
    b_row: Any,
    b_column: Any,
    c: Any,
    c_row: Any,
    d: Any,
    d_row: Any,
    rows: Any,
    depth: Any,
    columns: Any,
) -> None:
    """As `gemm`."""
    code, *others = codes
    places, sizes = (a, a_row, a_column, b, b_row, b_column, c, c_row, d, d_row), (rows, depth, columns)
    call_with_operands(builder, code, [*others, *places, *sizes])


def _gemm_of(like, n):  # type: ignore[no-untyped-def]  # a compiled signature types it
    _gemm(
        like, (operand(n, 0), operand(n, 1)),
        Matrix(operand(n, 2), operand(n, 3), operand(n, 4)), Matrix(operand(n, 5), operand(n, 6), operand(n, 7)),
        Matrix(operand(n, 8), operand(n, 9), 1), Matrix(operand(n, 10), operand(n, 11), 1),
        operand(n, 12), operand(n, 13), operand(n, 14),
    )  # fmt: skip


@compiled
def _gemm(
    like: Array, code: Pair, a: Matrix, b: Matrix, c: Matrix, d: Matrix, rows: int, depth: int, columns: int
) -> None:
    """As `gemm`. like: a pointer of the dtype. code: of the micro-kernel and of dot products, or 0."""
    if dot_products.are_faster(like, code[1], a.column, depth, columns):
        multiply_by_dot_products(like, code[1], a, b, c, d, rows, depth, columns)
        return
    if a.row == 1 and a.column != 1:
        if columns == 1 and c.row == 1 and not d.start:  # C^T = B^T A^T is one row in memory
            a, b, rows, columns = Matrix(b.start, 0, b.row), Matrix(a.start, a.column, 1), 1, rows
        elif transposed_is_faster(like, depth, columns):
            done = transposed_product(like, code[0], a, b, c, d, rows, depth, columns)
            if done == rows:
                return
            a = Matrix(at(like, a, done, 0), a.row, a.column)
            c, d = Matrix(at(like, c, done, 0), c.row, 1), Matrix(at(like, d, done, 0), d.row, 1)
            rows -= done
    collide = _rows_collide(like, b, rows, depth)
    if b.column == 1 and not collide and depth <= DEPTH and rows <= (_BLOCK if depth > _SHALLOW else ROWS):
        window_gemm(
            like, (0, code[0], 0), a.start, a.row, 0, a.column, b.start, 0, b.row, c.start, c.row, d.start, d.row,
            rows, 1, depth, columns,
        )  # fmt: skip
    else:
        _blocked_gemm(like, (0, code[0], 0), a, b, c, d, rows, depth, columns, collide)


@inlined
def _rows_collide(like: Array, b: Matrix, rows: int, depth: int) -> bool:
    """Whether rows of B, of which a tile reads a cache line each, evict each other from the first-level cache: its few
    sets that such rows have are too few. Then copying B costs less, unless few rows of A read it.
    """
    collide = WIDTH_BYTES <= LINE_BYTES and b.column == 1 and b.row * itemsize_of(like) % _COLLIDING_BYTES == 0
    return collide and rows >= _COLLIDING_ROWS and depth >= _COLLIDING_TERMS


@compiled
def _blocked_gemm(
    like: Array,
    code: Codes,
    a: Matrix,
    b: Matrix,
    c: Matrix,
    d: Matrix,
    rows: int,
    depth: int,
    columns: int,
    collide: bool,
) -> None:
    """As `gemm`: a group of B's columns at a time, and for each group a block of A's rows at a time.

    A transposed B is packed into panels, one or more a group, and so is a large B that many rows read, or one whose
    rows `collide`. Blocks of A are copied where their rows would evict each other from the cache.
    """
    size, work = itemsize_of(like), stack_buffer(like, _WORK_BYTES)
    width, group, height = columns, columns, rows  # of a panel, in columns; of a group; of a block
    deep = depth >= DEPTH
    many = (
        deep
        and rows >= PACKED_ROWS
        and columns >= PACKED_COLUMNS
        and (b.column != 1 or depth * b.row * size > L2_BYTES)
    )
    packed = many or collide or b.column != 1
    side_by_side = collide and a.row == 1 and a.column * size % _COLLIDING_BYTES == 0 and columns >= PACKED_COLUMNS
    if packed:
        width = WIDTH_BYTES // size
        group = width
        if many or side_by_side or depth <= _SHALLOW:  # about as many panels in each
            in_all = (columns + width - 1) // width
            groups = (in_all + _PANELS - 1) // _PANELS
            group = (in_all + groups - 1) // groups * width
    if many or depth <= _SHALLOW:
        height = ROWS
    elif side_by_side:
        height = _COLUMN_BLOCK
    elif deep and not packed and rows >= 2 * _BLOCK and depth * columns * size >= L2_BYTES:
        height = _BLOCK
    copied = a.column == 1 and depth > _SHALLOW and height < rows
    copies = Matrix(work + _GROUP_BYTES if packed else work, DEPTH + _GAP_BYTES // size, 1)
    columns_of_a = Matrix(work + _GROUP_BYTES, 1, _COLUMN_BLOCK)
    blocks = (rows + height - 1) // height
    parts = parts_of(depth)
    for part in range(parts):
        k = part * depth // parts
        terms = (part + 1) * depth // parts - k
        plus = c if k > 0 else d
        last = 0
        while last < columns:
            first, last = last, min(last + group, columns)
            panels, b_row = at(like, b, k, first), b.row
            if packed:
                pack_panels(like, Matrix(panels, b.row, b.column), terms, last - first, work)
                panels, b_row = work, width
            for place in range(blocks):
                i, end = place * rows // blocks, (place + 1) * rows // blocks
                block = Matrix(at(like, a, i, k), a.row, a.column)
                if copied:
                    for row in range(end - i):
                        copy_bytes(like, at(like, block, row, 0), at(like, copies, row, 0), size * terms)
                    block = copies
                elif side_by_side:
                    for term in range(terms):
                        target = at(like, columns_of_a, 0, term)
                        copy_bytes(like, at(like, block, 0, term), target, size * (end - i))
                    block = columns_of_a
                panel, stop, end_ahead = panels, first, min((place + 2) * rows // blocks, rows)
                while stop < last:
                    j, stop = stop, min(stop + width, last)
                    if many:  # prefetch some rows of the next block, and the place of the next sums
                        if copied:
                            rows_ahead, width_all = end_ahead - end, last - first
                            for row in range(
                                end + (j - first) * rows_ahead // width_all,
                                end + (stop - first) * rows_ahead // width_all,
                            ):
                                prefetch(like, at(like, a, row, k), size * terms)
                        if stop < last:
                            for row in range(i, end):
                                prefetch(like, at(like, c, row, stop), WIDTH_BYTES)
                        else:
                            for row in range(end, end_ahead):
                                prefetch(like, at(like, c, row, first), WIDTH_BYTES)
                    window_gemm(
                        like, code, block.start, block.row, 0, block.column, panel, 0, b_row,
                        at(like, c, i, j), c.row, at(like, plus, i, j), plus.row, end - i, 1, terms, stop - j,
                    )  # fmt: skip
                    panel += WIDTH_BYTES * terms


PACKED_ROWS = 512  # of A, from which on packing a large B costs little beside the product
PACKED_COLUMNS = 256  # of B, from which on copying A does
L2_BYTES = 1 << 20  # of B, beyond the second-level cache: then a block of A stays there for all columns
_COLLIDING_BYTES = 2048  # between rows of B, or a multiple of it
_COLLIDING_ROWS, _COLLIDING_TERMS = 24, 32  # from which on copying B pays
_SHALLOW = 8  # terms of a sum, up to which writing C takes longest: it is written a few whole rows at a time
_BLOCK = 96  # rows of A in a block; its rows are copied side by side where they are contiguous
_COLUMN_BLOCK = 48  # the same of a transposed A, whose columns are copied side by side
_GAP_BYTES = 64  # between copied rows: rows a power of two apart evict each other from the cache
_PANELS = 11  # of a group, which stays in the second-level cache
_GROUP_BYTES = _PANELS * DEPTH * WIDTH_BYTES + PADDING_BYTES
_WORK_BYTES = max(
    _GROUP_BYTES + max(ROWS * (DEPTH * 8 + _GAP_BYTES), _COLUMN_BLOCK * DEPTH * 8), _BLOCK * (DEPTH * 8 + _GAP_BYTES)
)


@compiled
def window_gemm(
    like: Array,
    code: Codes,
    a: int,
    a_row: int,
    a_outer: int,
    a_inner: int,
    b: int,
    b_outer: int,
    b_inner: int,
    c: int,
    c_row: int,
    d: int,
    d_row: int,
    rows: int,
    outer: int,
    inner: int,
    columns: int,
) -> None:
    """As `gemm`, with the sum over two indices, each with its own strides: the taps of a window, or an image."""
    size = itemsize_of(like)
    j = 0
    while j < columns:
        width = next_columns(like, rows, columns - j)
        micro_kernel(
            code[1], a, a_row, a_outer, a_inner, b + size * j, b_outer, b_inner,
            c + size * j, c_row, d + size * j if d else 0, d_row, rows, width, outer, inner,
        )  # fmt: skip
        j += width
