"""A product of any size out of tiles. Everything is an address and strides, so nothing is packed or copied."""

from __future__ import annotations

from nnctl.kernels.cpu.tile import ROWS, SHAPE, tile
from nnctl.kernels.kernel import compiled

DEPTH = 256  # terms of a sum in one pass over the tiles: B's panel of that many rows stays in the first-level cache


@compiled
def columns_of(size: int) -> int:
    """How many columns a full tile has. size: of an element, in bytes."""
    return SHAPE.vectors * SHAPE.vector_bytes // size


@compiled
def product(
    code: int,
    size: int,
    a: int,
    a_row: int,
    a_column: int,
    b: int,
    b_row: int,
    c: int,
    c_row: int,
    rows: int,
    depth: int,
    columns: int,
    add: bool,
) -> None:
    """C (+)= A B. code: the tile's; size: of an element, in bytes. a, b, c: addresses; strides are in elements.

    B's and C's columns are contiguous. add: to what C holds.
    """
    width = columns_of(size)
    panels = (rows + ROWS - 1) // ROWS
    for j in range(0, columns, width):
        for k in range(0, depth, DEPTH):
            for panel in range(panels):  # rows are shared out evenly: 14 are 7 + 7
                i = panel * rows // panels
                tile(
                    code,
                    a + size * (i * a_row + k * a_column),
                    a_row,
                    0,
                    a_column,
                    b + size * (k * b_row + j),
                    0,
                    b_row,
                    c + size * (i * c_row + j),
                    c_row,
                    (panel + 1) * rows // panels - i,
                    min(width, columns - j),
                    1,
                    min(DEPTH, depth - k),
                    add or k > 0,
                )


@compiled
def window_product(
    code: int,
    size: int,
    a: int,
    a_row: int,
    a_outer: int,
    a_inner: int,
    b: int,
    b_outer: int,
    b_inner: int,
    c: int,
    c_row: int,
    rows: int,
    outer: int,
    inner: int,
    columns: int,
    add: bool,
) -> None:
    """As `product`, with the sum over two indices, each with its own strides: the taps of a window, or an image."""
    width = columns_of(size)
    panels = (rows + ROWS - 1) // ROWS
    for j in range(0, columns, width):
        for panel in range(panels):
            i = panel * rows // panels
            tile(
                code,
                a + size * i * a_row,
                a_row,
                a_outer,
                a_inner,
                b + size * j,
                b_outer,
                b_inner,
                c + size * (i * c_row + j),
                c_row,
                (panel + 1) * rows // panels - i,
                min(width, columns - j),
                outer,
                inner,
                add,
            )
