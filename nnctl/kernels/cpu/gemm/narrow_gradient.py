"""Products with few columns, of which vectors would be half empty: lanes are terms of the sums, or rows."""

from __future__ import annotations

from nnctl.kernels.compiler.jit import Array, inlined
from nnctl.kernels.cpu.gemm import dot_products
from nnctl.kernels.cpu.gemm.dot_products import thin_tile
from nnctl.kernels.cpu.gemm.micro_kernel import ROWS, WIDEST, parts_of, tile
from nnctl.kernels.cpu.simd.memory import Matrix, at, itemsize_of, put, room
from nnctl.kernels.cpu.simd.registers import SHAPE
from nnctl.kernels.cpu.simd.transpose import turn_plus

_FULL_BYTES = SHAPE.narrow_bytes or SHAPE.vector_bytes  # columns that fill as many are better not turned
_FEWEST = 3  # columns that are turned back one element after the other
_LEAST_DEPTH = 32  # terms of a sum, below which turning more columns back takes longer
_TURNED_BYTES = 1 << 14
_OUT_BYTES = max((row + 1) * vectors for row, vectors in enumerate(WIDEST)) * SHAPE.vector_bytes


@inlined
def scalar_products(
    like: Array, code: int, a: Matrix, b: Matrix, c: Matrix, d: Matrix, rows: int, depth: int, columns: int
) -> None:
    """C = D + A B, for as few columns as `thin_tile` takes, and rows of A that are contiguous. code: its."""
    size = itemsize_of(like)
    turned = room(like, _TURNED_BYTES)
    most = _TURNED_BYTES // (dot_products.COLUMNS * 8)  # terms at a time
    for k in range(0, depth, most):
        terms = min(most, depth - k)
        source, step = at(like, b, k, 0), b.column
        if b.row != 1:
            for term in range(terms):
                for column in range(columns):
                    put(like, at(like, b, k + term, column), turned + size * (column * terms + term), 0)
            source, step = turned, terms
        plus = c if k > 0 else d
        thin_tile(
            code, at(like, a, 0, k), a.row, source, step, c.start, c.row, plus.start, plus.row, rows, columns, terms
        )


@inlined
def better_turned(like: Array, depth: int, columns: int) -> bool:
    """Whether `turned_product` is faster than tiles of so many columns, where columns of A are contiguous."""
    if columns <= _FEWEST:
        return True
    return depth >= _LEAST_DEPTH and columns <= ROWS and columns * itemsize_of(like) % _FULL_BYTES != 0


@inlined
def turned_product(
    like: Array, code: int, a: Matrix, b: Matrix, c: Matrix, d: Matrix, rows: int, depth: int, columns: int
) -> int:
    """C = D + A B, for at most ROWS columns, and columns of A that are contiguous: the lanes of vectors are rows.

    code: `tile_code`. Returns how many rows it did: the others are fewer than a vector's lanes.
    """
    size = itemsize_of(like)
    lanes, most = SHAPE.vector_bytes // size, WIDEST[columns - 1]
    out, parts = room(like, _OUT_BYTES), parts_of(depth)
    i = 0
    while rows - i >= lanes:
        vectors = most
        while vectors * lanes > rows - i:
            vectors //= 2
        if vectors > SHAPE.vectors and vectors < most:
            vectors = SHAPE.vectors
        width = vectors * lanes
        for part in range(parts):
            k = part * depth // parts
            tile(
                code, at(like, b, k, 0), b.column, 0, b.row, at(like, a, i, k), 0, a.column,
                out, width, 0, 0, columns, width, 1, (part + 1) * depth // parts - k,
            )  # fmt: skip
            turned = Matrix(out, 1, width)
            plus = c if k > 0 else d
            if columns <= _FEWEST:
                for row in range(width):
                    for column in range(columns):
                        target, addend = at(like, c, i + row, column), at(like, plus, i + row, column)
                        put(like, at(like, turned, row, column), target, addend)
            else:
                for row in range(0, width, lanes):
                    for column in range(0, columns, lanes):
                        turn_plus(
                            like, at(like, turned, row, column), width, columns - column,
                            at(like, c, i + row, column), c.row, at(like, plus, i + row, column), plus.row,
                        )  # fmt: skip
        i += width
    return i
