"""Sums over the taps of windows, each channel by itself, in vectors of channels: depthwise convolutions."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import cgutils
from nnctl.kernels.cpu.simd.registers import SIMD, Vectors, integer

_ROWS = 4  # whose sums are made at once: each tap is loaded once for them, and no addition waits for the one before


@emitted()
def channel_sums(
    builder: Any,
    like: Elements,
    a: Any,
    a_row: Any,
    a_outer: Any,
    a_inner: Any,
    b: Any,
    b_outer: Any,
    b_inner: Any,
    c: Any,
    c_row: Any,
    d: Any,
    d_row: Any,
    rows: Any,
    outer: Any,
    inner: Any,
    channels: Any,
) -> None:
    """c[row] = d[row] + sum over i, j of a[row, i, j] b[i, j], each a vector of channels.

    As `window_gemm`, element by element: like is an array of the dtype of all; a, b, c, d are addresses, d 0 for none;
    strides are in elements. i < outer, j < inner, row < rows; any of them may be 0. Terms are added in their order.
    """
    size = integer(like.itemsize)
    a_row, a_outer, a_inner, b_outer, b_inner, c_row, d_row = (
        builder.mul(stride, size) for stride in (a_row, a_outer, a_inner, b_outer, b_inner, c_row, d_row)
    )
    given = builder.icmp_signed("!=", d, integer(0))

    def place(start: Any, *steps: tuple[Any, Any]) -> Any:
        for index, stride in steps:
            start = builder.add(start, builder.mul(index, stride))
        return start

    def some_channels(offset: Any, mask: Any = None) -> None:
        vectors = Vectors(builder, like.itemsize, SIMD.vector_bytes)
        a_own, b_own, c_own, d_own = (builder.add(start, offset) for start in (a, b, c, d))

        def some_rows(first: Any, count: int) -> None:
            numbers = [builder.add(first, integer(row)) for row in range(count)]
            sums = [cgutils.alloca_once(builder, vectors.vector) for _ in numbers]
            for total in sums:
                builder.store(vectors.zero, total)
            with builder.if_then(given):
                for number, total in zip(numbers, sums, strict=True):
                    builder.store(vectors.load(place(d_own, (number, d_row)), mask), total)
            with cgutils.for_range(builder, outer) as i, cgutils.for_range(builder, inner) as j:
                tap = vectors.load(place(b_own, (i.index, b_outer), (j.index, b_inner)), mask)
                for number, total in zip(numbers, sums, strict=True):
                    value = vectors.load(place(a_own, (number, a_row), (i.index, a_outer), (j.index, a_inner)), mask)
                    builder.store(vectors.fma(value, tap, builder.load(total)), total)
            for number, total in zip(numbers, sums, strict=True):
                vectors.store(builder.load(total), place(c_own, (number, c_row)), mask)

        blocks = builder.udiv(rows, integer(_ROWS))
        with cgutils.for_range(builder, blocks) as block:
            some_rows(builder.mul(block.index, integer(_ROWS)), _ROWS)
        done = builder.mul(blocks, integer(_ROWS))
        left = builder.sub(rows, done)
        for count in range(1, _ROWS):
            with builder.if_then(builder.icmp_signed("==", left, integer(count))):
                some_rows(done, count)

    lanes = SIMD.vector_bytes // like.itemsize
    whole = builder.udiv(channels, integer(lanes))
    with cgutils.for_range(builder, whole) as loop:
        some_channels(builder.mul(loop.index, integer(SIMD.vector_bytes)))
    done = builder.mul(whole, integer(lanes))
    left = builder.sub(channels, done)
    with builder.if_then(builder.icmp_signed("!=", left, integer(0))):
        vectors = Vectors(builder, like.itemsize, SIMD.vector_bytes)
        some_channels(builder.mul(done, size), vectors.first_lanes(left))
