"""A product of any size out of tiles. All is an address and strides: only blocks of large products are copied."""

from __future__ import annotations

from functools import cache
from typing import Any

from nnctl.kernels.cpu import thin
from nnctl.kernels.cpu.memory import copy, itemsize_of, number, put, room
from nnctl.kernels.cpu.registers import SHAPE, call_with_numbers
from nnctl.kernels.cpu.thin import thin_code, thin_tile
from nnctl.kernels.cpu.tile import ROWS, WIDEST, tile, tile_code
from nnctl.kernels.jit import Array, c_function, cgutils, compiled, intrinsic, types

Pair = tuple[int, int]
Codes = tuple[int, int, int]
DEPTH = 256  # terms of a sum in one pass over the tiles: B's panel of that many rows stays in the first-level cache


@compiled
def next_columns(like: Array, rows: int, columns: int) -> int:
    """How many columns the next tiles take, with so many rows in all and columns left."""
    size: int = itemsize_of(like)
    lanes, narrow = SHAPE.vector_bytes // size, SHAPE.narrow_bytes // size
    if rows <= ROWS and columns >= WIDEST[rows - 1] * lanes:
        return WIDEST[rows - 1] * lanes
    if lanes < columns <= lanes + narrow:
        return lanes  # and the others in a narrow tile
    return min(SHAPE.vectors * lanes, columns)


@cache
def product_code(dtype: Any, columns: int) -> Codes:
    """What `product` and `window_product` call for a NumPy dtype and so many columns."""
    return (
        c_function(_outlined, (f"{dtype} *", "int64 *")),
        tile_code(dtype),
        thin_code(dtype) if columns <= thin.COLUMNS else 0,
    )


@compiled
def _are_scalar(like: Array, code: int, a_column: int, depth: int) -> bool:
    """Whether elements are scalar products, summed in strands: few columns, and terms for each strand."""
    return code != 0 and a_column == 1 and depth >= thin.STRAND_BYTES // itemsize_of(like)


@compiled
def product(
    like: Array,
    codes: Codes,
    a: int,
    a_row: int,
    a_column: int,
    b: int,
    b_row: int,
    c: int,
    c_row: int,
    d: int,
    d_row: int,
    rows: int,
    depth: int,
    columns: int,
) -> None:
    """C = D + A B. like: an array of the dtype of all; codes: its `product_code`. a, b, c, d: addresses, d 0 for none.

    Strides are in elements; the columns of B, C and D are contiguous.
    """
    one_tile = 0 < rows <= ROWS and depth <= DEPTH and next_columns(like, rows, columns) == columns
    if one_tile and not _are_scalar(like, codes[2], a_column, depth):
        tile(codes[1], a, a_row, 0, a_column, b, 0, b_row, c, c_row, d, d_row, rows, columns, 1, depth)
    else:  # called, not inlined: it takes long to compile
        _call_product(codes, a, a_row, a_column, b, b_row, c, c_row, d, d_row, rows, depth, columns)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def _call_product(
    typing_context: Any,
    codes: Any,
    a: Any,
    a_row: Any,
    a_column: Any,
    b: Any,
    b_row: Any,
    c: Any,
    c_row: Any,
    d: Any,
    d_row: Any,
    rows: Any,
    depth: Any,
    columns: Any,
) -> Any:
    """As `product`, of any size."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        own, *others = cgutils.unpack_tuple(builder, values[0])
        call_with_numbers(builder, own, [*others, *values[1:]])
        return context.get_dummy_value()

    return types.void(codes, *[types.intp] * 12), generate


def _outlined(like, n):  # type: ignore[no-untyped-def]  # a compiled signature types it
    _product(
        like, (number(n, 0), number(n, 1)), number(n, 2), number(n, 3), number(n, 4), number(n, 5), number(n, 6),
        number(n, 7), number(n, 8), number(n, 9), number(n, 10), number(n, 11), number(n, 12), number(n, 13),
    )  # fmt: skip


@compiled
def _product(
    like: Array,
    code: Pair,
    a: int,
    a_row: int,
    a_column: int,
    b: int,
    b_row: int,
    c: int,
    c_row: int,
    d: int,
    d_row: int,
    rows: int,
    depth: int,
    columns: int,
) -> None:
    """As `product`. like: a pointer of the dtype. code: of a tile, and of few columns, 0 where it is not worth it."""
    size = itemsize_of(like)
    done = 0
    if columns <= thin.COLUMNS and code[1]:
        if _are_scalar(like, code[1], a_column, depth):
            _scalar_products(like, code, a, a_row, b, b_row, c, c_row, d, d_row, rows, depth, columns)
            return
        if a_row == 1:
            done = _turned_product(like, code, a, a_column, b, b_row, c, c_row, d, d_row, rows, depth, columns)
    left, large = rows - done, False
    most = left  # rows in a block
    if depth <= _FLAT:
        most = ROWS
    elif depth * columns * size >= _LARGE and depth >= DEPTH and rows >= 2 * _BLOCK:
        most, large = _BLOCK, a_column == 1
    blocks = (left + most - 1) // most if left > 0 else 0
    copies, copies_row = room(like, _BLOCK_BYTES), DEPTH + _GAP // size
    for k in range(0, depth, DEPTH):
        terms = min(DEPTH, depth - k)
        plus, plus_row = (c, c_row) if k > 0 else (d, d_row)
        for block in range(blocks):
            i = done + block * left // blocks
            height = done + (block + 1) * left // blocks - i
            start, row_step = a + size * (i * a_row + k * a_column), a_row
            if large:
                for row in range(height):
                    copy(like, copies + size * row * copies_row, start + size * row * a_row, size * terms)
                start, row_step = copies, copies_row
            j = 0
            while j < columns:
                width = next_columns(like, height, columns - j)
                tile(
                    code[0], start, row_step, 0, a_column, b + size * (k * b_row + j), 0, b_row,
                    c + size * (i * c_row + j), c_row, plus + size * (i * plus_row + j) if plus else 0, plus_row,
                    height, width, 1, terms,
                )  # fmt: skip
                j += width


_FLAT = 8  # terms of a sum, up to which writing C takes longest: it is written a few whole rows at a time
_LARGE = 1 << 20  # bytes of B beyond the second-level cache: then a block of A stays there for all columns
_BLOCK = 96  # rows of A in such a block; they are copied side by side where they are rows in memory
_GAP = 64  # bytes between the copied rows: where rows are a power of two apart they drive each other out of the cache
_BLOCK_BYTES = _BLOCK * (DEPTH * 8 + _GAP)
_ROOM = 4096  # bytes


@compiled
def _scalar_products(
    like: Array,
    code: Pair,
    a: int,
    a_row: int,
    b: int,
    b_row: int,
    c: int,
    c_row: int,
    d: int,
    d_row: int,
    rows: int,
    depth: int,
    columns: int,
) -> None:
    """As `product`, for few columns and rows of A that are contiguous."""
    size = itemsize_of(like)
    turned = room(like, _ROOM)
    most = _ROOM // (thin.COLUMNS * 8)  # terms at a time
    for k in range(0, depth, most):
        terms = min(most, depth - k)
        source = b + size * k * b_row
        if b_row != 1:
            for term in range(terms):
                for column in range(columns):
                    target = turned + size * (column * terms + term)
                    put(like, source + size * (term * b_row + column), target, 0)
            source = turned
        plus, plus_row = (c, c_row) if k > 0 else (d, d_row)
        thin_tile(code[1], a + size * k, a_row, source, terms, c, c_row, plus, plus_row, rows, columns, terms)


@compiled
def _turned_product(
    like: Array,
    code: Pair,
    a: int,
    a_column: int,
    b: int,
    b_row: int,
    c: int,
    c_row: int,
    d: int,
    d_row: int,
    rows: int,
    depth: int,
    columns: int,
) -> int:
    """As `product`, for few columns and columns of A that are contiguous: the lanes of vectors are rows.

    Returns how many rows it did.
    """
    size = itemsize_of(like)
    lanes, most = SHAPE.vector_bytes // size, WIDEST[columns - 1]
    out = room(like, _ROOM)
    i = 0
    while rows - i >= lanes:
        vectors = most
        while vectors * lanes > rows - i:
            vectors //= 2
        if vectors > SHAPE.vectors and vectors < most:
            vectors = SHAPE.vectors
        width = vectors * lanes
        for k in range(0, depth, DEPTH):
            terms = min(DEPTH, depth - k)
            plus, plus_row = (c, c_row) if k > 0 else (d, d_row)
            first, factors = a + size * (i + k * a_column), b + size * k * b_row
            tile(code[0], factors, 1, 0, b_row, first, 0, a_column, out, width, 0, 0, columns, width, 1, terms)
            for row in range(width):
                for column in range(columns):
                    target = c + size * ((i + row) * c_row + column)
                    addend = plus + size * ((i + row) * plus_row + column) if plus else 0
                    put(like, out + size * (column * width + row), target, addend)
        i += width
    return i


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
