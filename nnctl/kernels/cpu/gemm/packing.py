"""Packing of B into panels: as many of its columns as a tile has, row by row in memory, one panel after another.

A tile reads its columns row by row. Unpacked, each row may be on a page of its own, for which the processor waits, and
rows a power of two apart evict each other from the cache.
"""

from __future__ import annotations

from nnctl.kernels.compiler.jit import Array, inlined
from nnctl.kernels.cpu.simd.memory import Matrix, at, copy_elements, itemsize_of, prefetch
from nnctl.kernels.cpu.simd.registers import SIMD
from nnctl.kernels.cpu.simd.transpose import transpose_block

WIDTH_BYTES = SIMD.tile_vectors * SIMD.vector_bytes  # of a row in a panel
PADDING_BYTES = WIDTH_BYTES * SIMD.vector_bytes // 4  # behind the last panel, which may be overwritten
_AHEAD = 2  # rows between the one that is copied and the one that is prefetched


@inlined
def pack_panels(like: Array, b: Matrix, terms: int, columns: int, panels: int) -> None:
    """Copy a (terms, columns) block of B to the address `panels`. The rows or the columns of B are contiguous."""
    size = itemsize_of(like)
    lanes, width = SIMD.vector_bytes // size, WIDTH_BYTES // size
    if b.column == 1:
        for term in range(terms):
            target = panels + WIDTH_BYTES * term
            for j in range(0, columns, width):
                prefetch(like, at(like, b, term + _AHEAD, j), WIDTH_BYTES)
                copy_elements(like, at(like, b, term, j), target, min(width, columns - j))
                target += WIDTH_BYTES * terms
    else:
        for j in range(0, columns, lanes):
            target = panels + WIDTH_BYTES * terms * (j // width) + size * (j % width)
            for term in range(0, terms, lanes):
                transpose_block(like, at(like, b, term, j), b.column, columns - j, terms - term, target, width)
                target += WIDTH_BYTES * lanes
