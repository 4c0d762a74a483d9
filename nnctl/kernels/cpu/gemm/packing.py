"""Panels of a matrix: as many of its columns as a tile takes, side by side in memory, one panel after another.

A tile reads its columns row by row. Where rows are on as many pages, each of them is waited for, and rows that are a
power of two apart drive each other out of the cache.
"""

from __future__ import annotations

from nnctl.kernels.compiler.jit import Array, inlined
from nnctl.kernels.cpu.simd.memory import Matrix, at, fetch, fill, itemsize_of
from nnctl.kernels.cpu.simd.registers import SHAPE
from nnctl.kernels.cpu.simd.transpose import turn

WIDTH_BYTES = SHAPE.vectors * SHAPE.vector_bytes  # of a row in a panel
BEYOND_BYTES = WIDTH_BYTES * SHAPE.vector_bytes // 4  # behind the last panel, which may be overwritten
_AHEAD = 2  # rows that are fetched before they are copied


@inlined
def lay_panels(like: Array, b: Matrix, terms: int, columns: int, panels: int) -> None:
    """Copy so many rows and columns of B to the address `panels`; its columns or its rows are contiguous."""
    size = itemsize_of(like)
    lanes, width = SHAPE.vector_bytes // size, WIDTH_BYTES // size
    if b.column == 1:
        for term in range(terms):
            target = panels + WIDTH_BYTES * term
            for j in range(0, columns, width):
                fetch(like, at(like, b, term + _AHEAD, j), WIDTH_BYTES)
                fill(like, target, at(like, b, term, j), min(width, columns - j))
                target += WIDTH_BYTES * terms
    else:
        for j in range(0, columns, lanes):
            target = panels + WIDTH_BYTES * terms * (j // width) + size * (j % width)
            for term in range(0, terms, lanes):
                turn(like, at(like, b, term, j), b.column, columns - j, terms - term, target, width)
                target += WIDTH_BYTES * lanes
