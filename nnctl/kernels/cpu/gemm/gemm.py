"""A product of any size out of tiles. All is an address and strides: only what is large or transposed is copied."""

from __future__ import annotations

from functools import cache
from typing import Any

from nnctl.kernels.compiler.jit import Array, c_function, cgutils, compiled, intrinsic, types
from nnctl.kernels.cpu.gemm import dot_products
from nnctl.kernels.cpu.gemm.dot_products import thin_code
from nnctl.kernels.cpu.gemm.micro_kernel import DEPTH, ROWS, next_columns, parts_of, tile, tile_code
from nnctl.kernels.cpu.gemm.narrow_gradient import better_turned, scalar_products, turned_product
from nnctl.kernels.cpu.gemm.packing import BEYOND_BYTES, WIDTH_BYTES, lay_panels
from nnctl.kernels.cpu.simd.memory import Matrix, at, copy, fetch, itemsize_of, number, room
from nnctl.kernels.cpu.simd.registers import call_with_numbers

Pair = tuple[int, int]
Codes = tuple[int, int, int]


@cache
def product_code(dtype: Any, columns: int) -> Codes:
    """What `product` and `window_product` call for a NumPy dtype and so many columns."""
    return (
        c_function(_outlined, (f"{dtype} *", "int64 *")),
        tile_code(dtype),
        thin_code(dtype) if columns <= dot_products.COLUMNS else 0,
    )


@compiled
def product(
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
    """C = D + A B. like: an array of the dtype of all; codes: its `product_code`. a, b, c, d: addresses, d 0 for none.

    Strides are in elements. The columns of C and D are contiguous, and the columns or the rows of B. Sizes are at
    least 1.
    """
    one_tile = rows <= ROWS and depth <= DEPTH and b_column == 1 and next_columns(like, rows, columns) == columns
    if one_tile and not _are_scalar(like, codes[2], a_column, depth, columns):
        tile(codes[1], a, a_row, 0, a_column, b, 0, b_row, c, c_row, d, d_row, rows, columns, 1, depth)
    else:  # called, not inlined: it takes long to compile
        _call_product(codes, a, a_row, a_column, b, b_row, b_column, c, c_row, d, d_row, rows, depth, columns)


@compiled
def _are_scalar(like: Array, code: int, a_column: int, depth: int, columns: int) -> bool:
    """Whether elements are scalar products, summed in strands: few columns, and terms enough for each strand."""
    strands = dot_products.STRAND_BYTES // itemsize_of(like)
    return code != 0 and a_column == 1 and depth >= strands * dot_products.LEAST[columns - 1]


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def _call_product(
    typing_context: Any,
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
) -> Any:
    """As `product`."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        own, *others = cgutils.unpack_tuple(builder, values[0])
        call_with_numbers(builder, own, [*others, *values[1:]])
        return context.get_dummy_value()

    return types.void(codes, *[types.intp] * 13), generate


def _outlined(like, n):  # type: ignore[no-untyped-def]  # a compiled signature types it
    _product(
        like, (number(n, 0), number(n, 1)),
        Matrix(number(n, 2), number(n, 3), number(n, 4)), Matrix(number(n, 5), number(n, 6), number(n, 7)),
        Matrix(number(n, 8), number(n, 9), 1), Matrix(number(n, 10), number(n, 11), 1),
        number(n, 12), number(n, 13), number(n, 14),
    )  # fmt: skip


@compiled
def _product(
    like: Array, code: Pair, a: Matrix, b: Matrix, c: Matrix, d: Matrix, rows: int, depth: int, columns: int
) -> None:
    """As `product`. like: a pointer of the dtype. code: of a tile, and of few columns, 0 where it is not worth it."""
    if _are_scalar(like, code[1], a.column, depth, columns):
        scalar_products(like, code[1], a, b, c, d, rows, depth, columns)
        return
    if a.row == 1 and a.column != 1:
        if columns == 1 and c.row == 1 and not d.start:  # the product turned is one row in memory
            a, b, rows, columns = Matrix(b.start, 0, b.row), Matrix(a.start, a.column, 1), 1, rows
        elif better_turned(like, depth, columns):
            done = turned_product(like, code[0], a, b, c, d, rows, depth, columns)
            if done == rows:
                return
            a = Matrix(at(like, a, done, 0), a.row, a.column)
            c, d = Matrix(at(like, c, done, 0), c.row, 1), Matrix(at(like, d, done, 0), d.row, 1)
            rows -= done
    if b.column == 1 and depth <= DEPTH and rows <= (_BLOCK if depth > _FLAT else ROWS):
        window_product(
            like, (0, code[0], 0), a.start, a.row, 0, a.column, b.start, 0, b.row, c.start, c.row, d.start, d.row,
            rows, 1, depth, columns,
        )  # fmt: skip
    else:
        _blocks(like, (0, code[0], 0), a, b, c, d, rows, depth, columns)


@compiled
def _blocks(
    like: Array, code: Codes, a: Matrix, b: Matrix, c: Matrix, d: Matrix, rows: int, depth: int, columns: int
) -> None:
    """As `product`: a group of B's columns at a time, and for each group a block of A's rows at a time.

    A transposed B is copied into panels, one or more a group, and so is a large B that many rows read. Blocks of A are
    copied where they would drive each other out of the cache.
    """
    size, work = itemsize_of(like), room(like, _WORK_BYTES)
    width, group, height = columns, columns, rows  # of a panel, in columns; of a group; of a block
    deep = depth >= DEPTH
    many = deep and rows >= MANY_ROWS and columns >= MANY_COLUMNS and (b.column != 1 or depth * b.row * size > LARGE)
    packed = many or b.column != 1
    if packed:
        width = WIDTH_BYTES // size
        group = width
        if many or depth <= _FLAT:  # about as many panels in each
            in_all = (columns + width - 1) // width
            groups = (in_all + _PANELS - 1) // _PANELS
            group = (in_all + groups - 1) // groups * width
    if many or depth <= _FLAT:
        height = ROWS
    elif deep and not packed and rows >= 2 * _BLOCK and depth * columns * size >= LARGE:
        height = _BLOCK
    copied = a.column == 1 and depth > _FLAT and height < rows
    copies = Matrix(work + _GROUP_BYTES if packed else work, DEPTH + _GAP_BYTES // size, 1)
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
                lay_panels(like, Matrix(panels, b.row, b.column), terms, last - first, work)
                panels, b_row = work, width
            for place in range(blocks):
                i, end = place * rows // blocks, (place + 1) * rows // blocks
                block = Matrix(at(like, a, i, k), a.row, a.column)
                if copied:
                    for row in range(end - i):
                        copy(like, at(like, copies, row, 0), at(like, block, row, 0), size * terms)
                    block = copies
                panel, stop, end_ahead = panels, first, min((place + 2) * rows // blocks, rows)
                while stop < last:
                    j, stop = stop, min(stop + width, last)
                    if many:  # what comes next: some rows of the next block, and the place of the next sums
                        if copied:
                            rows_ahead, width_all = end_ahead - end, last - first
                            for row in range(
                                end + (j - first) * rows_ahead // width_all,
                                end + (stop - first) * rows_ahead // width_all,
                            ):
                                fetch(like, at(like, a, row, k), size * terms)
                        if stop < last:
                            for row in range(i, end):
                                fetch(like, at(like, c, row, stop), WIDTH_BYTES)
                        else:
                            for row in range(end, end_ahead):
                                fetch(like, at(like, c, row, first), WIDTH_BYTES)
                    window_product(
                        like, code, block.start, block.row, 0, block.column, panel, 0, b_row,
                        at(like, c, i, j), c.row, at(like, plus, i, j), plus.row, end - i, 1, terms, stop - j,
                    )  # fmt: skip
                    panel += WIDTH_BYTES * terms


MANY_ROWS = 512  # of A, from which on copying a large B costs little beside the product
MANY_COLUMNS = 256  # of B, from which on copying A does
LARGE = 1 << 20  # bytes of B beyond the second-level cache: then a block of A stays there for all columns
_FLAT = 8  # terms of a sum, up to which writing C takes longest: it is written a few whole rows at a time
_BLOCK = 96  # rows of A in a block; they are copied side by side where they are rows in memory
_GAP_BYTES = 64  # between copied rows: where rows are a power of two apart they drive each other out of the cache
_PANELS = 11  # of a group that stays in the second-level cache
_GROUP_BYTES = _PANELS * DEPTH * WIDTH_BYTES + BEYOND_BYTES
_WORK_BYTES = max(_GROUP_BYTES + ROWS * (DEPTH * 8 + _GAP_BYTES), _BLOCK * (DEPTH * 8 + _GAP_BYTES))


@compiled
def window_product(
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
    """As `product`, with the sum over two indices, each with its own strides: the taps of a window, or an image."""
    size = itemsize_of(like)
    j = 0
    while j < columns:
        width = next_columns(like, rows, columns - j)
        tile(
            code[1], a, a_row, a_outer, a_inner, b + size * j, b_outer, b_inner,
            c + size * j, c_row, d + size * j if d else 0, d_row, rows, width, outer, inner,
        )  # fmt: skip
        j += width
