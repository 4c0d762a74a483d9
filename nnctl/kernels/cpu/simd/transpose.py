"""The transpose of a matrix, in square blocks that are turned in vector registers."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.compiler.jit import Array, compiled, intrinsic, types
from nnctl.kernels.cpu.simd.memory import Matrix, at, itemsize_of, put
from nnctl.kernels.cpu.simd.registers import SHAPE, Vectors, integer


@compiled
def transpose(like: Array, a: Matrix, rows: int, columns: int, out: Matrix) -> None:
    """out = a^T, of any size. The columns of both are contiguous."""
    lanes = SHAPE.vector_bytes // itemsize_of(like)
    whole = columns // lanes * lanes
    for top in range(0, rows, lanes):
        for left in range(0, whole, lanes):
            turn_plus(like, at(like, a, top, left), a.row, rows - top, at(like, out, left, top), out.row, 0, 0)
        for j in range(whole, columns):
            for i in range(top, min(top + lanes, rows)):
                put(like, at(like, a, i, j), at(like, out, j, i), 0)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def turn(typing_context: Any, like: Any, a: Any, a_row: Any, rows: Any, columns: Any, out: Any, out_row: Any) -> Any:
    """out = a^T. a, out: addresses of blocks; strides are in elements.

    rows, columns: of a from here on, at least 1; what is beyond them is not read. All of out is written.
    """
    itemsize = like.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, a, a_row, rows, columns, out, out_row = values
        vectors = Vectors(builder, itemsize, SHAPE.vector_bytes)
        block = _turned(vectors, _block(vectors, a, a_row, rows, columns))
        for place, turned in zip(_places(vectors, out, out_row), block, strict=True):
            vectors.store(turned, place)
        return context.get_dummy_value()

    return types.void(like, *[types.intp] * 6), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def turn_plus(
    typing_context: Any, like: Any, a: Any, a_row: Any, rows: Any, out: Any, out_row: Any, d: Any, d_row: Any
) -> Any:
    """out = d + a^T, as far as a has rows. As `turn`; a has all columns. d: 0 for nothing.

    All that is read is read first: a masked read may wait for a masked write to the neighbouring columns.
    """
    itemsize = like.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, a, a_row, rows, out, out_row, d, d_row = values
        vectors = Vectors(builder, itemsize, SHAPE.vector_bytes)
        lanes = integer(vectors.lanes)
        block = _turned(vectors, _block(vectors, a, a_row, rows, lanes))
        mask = vectors.first_lanes(builder.select(builder.icmp_signed("<", rows, lanes), rows, lanes))
        places = _places(vectors, out, out_row)
        with builder.if_else(builder.icmp_signed("!=", d, integer(0))) as (then, otherwise):
            with then:
                addends = [vectors.load(place, mask) for place in _places(vectors, d, d_row)]
                for place, addend, turned in zip(places, addends, block, strict=True):
                    vectors.store(builder.fadd(addend, turned), place, mask)
            with otherwise:
                for place, turned in zip(places, block, strict=True):
                    vectors.store(turned, place, mask)
        return context.get_dummy_value()

    return types.void(like, *[types.intp] * 7), generate


def _block(vectors: Vectors, a: Any, a_row: Any, rows: Any, columns: Any) -> list[Any]:
    """The rows of a, the last one again and again where there are too few."""
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


def _turned(vectors: Vectors, block: list[Any]) -> list[Any]:
    """Swap the corners of the block, then those of its quarters, and so on down to single elements."""
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
