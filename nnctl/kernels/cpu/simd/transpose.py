"""The transpose of a matrix, in square blocks that are transposed in vector registers."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import Array, compiled
from nnctl.kernels.cpu.simd.memory import Matrix, at, copy_element, itemsize_of
from nnctl.kernels.cpu.simd.registers import SIMD, Vectors, integer


@compiled
def transpose(like: Array, a: Matrix, rows: int, columns: int, out: Matrix) -> None:
    """out = a^T, of any size. The rows of both are contiguous."""
    lanes = SIMD.vector_bytes // itemsize_of(like)
    whole = columns // lanes * lanes
    for top in range(0, rows, lanes):
        for left in range(0, whole, lanes):
            transpose_add(like, at(like, a, top, left), a.row, rows - top, at(like, out, left, top), out.row, 0, 0)
        for j in range(whole, columns):
            for i in range(top, min(top + lanes, rows)):
                copy_element(like, at(like, a, i, j), at(like, out, j, i), 0)


@emitted()
def transpose_block(
    builder: Any, like: Elements, a: Any, a_row: Any, rows: Any, columns: Any, out: Any, out_row: Any
) -> None:
    """out = a^T for a block of lanes x lanes. a, out: its addresses; strides are in elements.

    rows, columns: how many a has from here on, at least 1; what is beyond is not read. All of out is written.
    """
    vectors = Vectors(builder, like.itemsize, SIMD.vector_bytes)
    block = _transposed(vectors, _block(vectors, a, a_row, rows, columns))
    for place, row in zip(_places(vectors, out, out_row), block, strict=True):
        vectors.store(row, place)


@emitted()
def transpose_add(
    builder: Any, like: Elements, a: Any, a_row: Any, rows: Any, out: Any, out_row: Any, d: Any, d_row: Any
) -> None:
    """out = d + a^T for the columns that are rows of a. As `transpose_block`; a has all columns. d: 0 for none.

    All loads come first: a masked load may wait for a masked store to the neighbouring columns.
    """
    vectors = Vectors(builder, like.itemsize, SIMD.vector_bytes)
    lanes = integer(vectors.lanes)
    block = _transposed(vectors, _block(vectors, a, a_row, rows, lanes))
    mask = vectors.first_lanes(builder.select(builder.icmp_signed("<", rows, lanes), rows, lanes))
    places = _places(vectors, out, out_row)
    with builder.if_else(builder.icmp_signed("!=", d, integer(0))) as (then, otherwise):
        with then:
            addends = [vectors.load(place, mask) for place in _places(vectors, d, d_row)]
            for place, addend, row in zip(places, addends, block, strict=True):
                vectors.store(builder.fadd(addend, row), place, mask)
        with otherwise:
            for place, row in zip(places, block, strict=True):
                vectors.store(row, place, mask)


def _block(vectors: Vectors, a: Any, a_row: Any, rows: Any, columns: Any) -> list[Any]:
    """The rows of a, the last one repeated where there are fewer than lanes."""
    builder = vectors.builder
    last = builder.sub(rows, integer(1))
    stride = builder.mul(a_row, integer(vectors.itemsize))
    addresses = []
    for lane in map(integer, range(vectors.lanes)):
        row = builder.select(builder.icmp_signed("<", lane, last), lane, last)
        addresses.append(builder.add(a, builder.mul(stride, row)))
    return vectors.load_all(addresses, columns)


def _places(vectors: Vectors, out: Any, out_row: Any) -> list[Any]:
    stride = vectors.builder.mul(out_row, integer(vectors.itemsize))
    lanes = range(vectors.lanes)
    return [vectors.builder.add(out, vectors.builder.mul(stride, integer(lane))) for lane in lanes]


def _transposed(vectors: Vectors, block: list[Any]) -> list[Any]:
    """Swap the off-diagonal quarters of the block, then those of each quarter, and so on down to single elements."""
    lanes = len(block)
    half = lanes // 2
    while half:
        low = [lane if not lane & half else lanes + lane - half for lane in range(lanes)]
        high = [lane + half if not lane & half else lanes + lane for lane in range(lanes)]
        for row in range(lanes):
            if not row & half:
                upper, lower = block[row], block[row + half]
                block[row] = vectors.shuffle(upper, lower, low)
                block[row + half] = vectors.shuffle(upper, lower, high)
        half //= 2
    return block
