"""C = D + A B with few columns where A's columns are contiguous, as in the gradient of a narrow layer's weight.

Vectors of a row of C would be half empty, so C^T is computed, tile by tile, and transposed.
"""

from __future__ import annotations

from nnctl.kernels.compiler.jit import Array, inlined
from nnctl.kernels.cpu.gemm.micro_kernel import ROWS, WIDEST, micro_kernel, parts_of
from nnctl.kernels.cpu.simd.memory import Matrix, at, copy_element, itemsize_of, stack_buffer
from nnctl.kernels.cpu.simd.registers import SIMD
from nnctl.kernels.cpu.simd.transpose import transpose_add

_FULL_BYTES = SIMD.narrow_bytes or SIMD.vector_bytes  # a row of C of a multiple of so many fills its vectors
_ELEMENTWISE_COLUMNS = 3  # at most, which are transposed element by element
_MIN_DEPTH = 32  # terms of a sum, below which transposing more columns takes longer
_TILE_BYTES = max((row + 1) * vectors for row, vectors in enumerate(WIDEST)) * SIMD.vector_bytes


@inlined
def transposed_is_faster(like: Array, depth: int, columns: int) -> bool:
    """Whether `transposed_product` is faster than tiles of C, where the columns of A are contiguous."""
    if columns <= _ELEMENTWISE_COLUMNS:
        return True
    return depth >= _MIN_DEPTH and columns <= ROWS and columns * itemsize_of(like) % _FULL_BYTES != 0


@inlined
def transposed_product(
    like: Array, code: int, a: Matrix, b: Matrix, c: Matrix, d: Matrix, rows: int, depth: int, columns: int
) -> int:
    """C = D + A B for at most ROWS columns, as C^T = D^T + B^T A^T. code: `micro_kernel_code`.

    The columns of A are contiguous. Returns how many rows are done: those left are fewer than a vector has lanes.
    """
    size = itemsize_of(like)
    lanes, most = SIMD.vector_bytes // size, WIDEST[columns - 1]
    out, parts = stack_buffer(like, _TILE_BYTES), parts_of(depth)
    i = 0
    while rows - i >= lanes:
        vectors = most
        while vectors * lanes > rows - i:
            vectors //= 2
        if vectors > SIMD.tile_vectors and vectors < most:
            vectors = SIMD.tile_vectors
        width = vectors * lanes
        for part in range(parts):
            k = part * depth // parts
            micro_kernel(
                code, at(like, b, k, 0), b.column, 0, b.row, at(like, a, i, k), 0, a.column,
                out, width, 0, 0, columns, width, 1, (part + 1) * depth // parts - k,
            )  # fmt: skip
            tile = Matrix(out, 1, width)
            plus = c if k > 0 else d
            if columns <= _ELEMENTWISE_COLUMNS:
                for row in range(width):
                    for column in range(columns):
                        target, addend = at(like, c, i + row, column), at(like, plus, i + row, column)
                        copy_element(like, at(like, tile, row, column), target, addend)
            else:
                for row in range(0, width, lanes):
                    for column in range(0, columns, lanes):
                        transpose_add(
                            like, at(like, tile, row, column), width, columns - column,
                            at(like, c, i + row, column), c.row, at(like, plus, i + row, column), plus.row,
                        )  # fmt: skip
        i += width
    return i
