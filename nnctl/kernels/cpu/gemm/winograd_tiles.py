"""The transforms of Winograd's minimal filtering F(2x2, 3x3) for a row of tiles, as vector code over the channels.

A tile is 2x2 neighbouring outputs Y of a convolution, which see 4x4 inputs D. With a 3x3 weight W,

    Y = A^T [(G W G^T) * (B^T D B)] A        dW = G^T [(A dY A^T) * (B^T D B)] G

    B^T = 1  0 -1  0      A^T = 1  1  1  0      G = 1    0    0
          0  1  1  0            0  1 -1  1          1/2  1/2  1/2
          0 -1  1  0                                1/2 -1/2  1/2
          0 -1  0  1                                0    0    1

where * multiplies position by position: summed over channels, or over tiles, each of the 16 positions is a product of
matrices. Source: Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks"; the last row of B^T and the
last column of A^T have the other sign here.

A row of B^T D or of A dY is one row of an image plus or minus another, so the code makes the four positions of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import cgutils, int64
from nnctl.kernels.cpu.simd.registers import SIMD, Vectors, integer, join

POSITIONS = 16
Columns = list[Any]


class _Channels(Vectors):
    """Emits loops over tiles, and over the vectors of a pixel. channels: how many, at least the lanes of a vector."""

    def __init__(self, builder: Any, like: Elements, channels: Any) -> None:
        super().__init__(builder, like.itemsize, SIMD.vector_bytes)
        self.pixel = builder.mul(channels, integer(self.itemsize))  # bytes

    @contextmanager
    def offsets(self) -> Iterator[Any]:
        """A loop over the vectors: the offset of each in its pixel, in bytes. The last may overlap the one before."""
        builder, length = self.builder, integer(self.vector_bytes)
        last = builder.sub(self.pixel, length)
        vectors = builder.udiv(builder.add(last, integer(2 * self.vector_bytes - 1)), length)
        with cgutils.for_range(builder, vectors) as loop:
            offset = builder.mul(self.opaque(loop.index), length)
            yield builder.select(builder.icmp_signed("<", offset, last), offset, last)

    @contextmanager
    def tiles(self, count: Any) -> Iterator[Any]:
        """A loop over so many tiles: the number of each."""
        with cgutils.for_range(self.builder, count) as loop:
            yield self.opaque(loop.index)


class _Rows:
    """Two rows of an image, the upper one plus `sign`, 1 or -1, times the lower one.

    upper, lower: addresses, 0 for a row of zeros. width: in pixels; what is beyond it is zero.
    """

    def __init__(self, channels: _Channels, upper: Any, lower: Any, sign: Any, width: Any) -> None:
        builder, self._channels = channels.builder, channels
        self._starts = upper, lower
        self._sign = channels.splat(builder.sitofp(sign, channels.element))
        given = [builder.icmp_signed("!=", start, integer(0)) for start in self._starts]
        self._widths = [builder.select(one, width, integer(0)) for one in given]
        self._both = builder.select(builder.and_(*given), builder.sub(width, integer(1)), integer(0))
        self._zeros = builder.ptrtoint(cgutils.alloca_once_value(builder, channels.zero), int64())

    def two_columns(self, number: Any, offset: Any) -> Columns:
        """The pixels in this column and in the next one, from an offset on. Usually both are inside the image."""
        channels, builder = self._channels, self._channels.builder
        place = builder.add(builder.mul(number, channels.pixel), offset)
        columns = [(number, place), (builder.add(number, integer(1)), builder.add(place, channels.pixel))]
        inside, edge, end = (builder.append_basic_block(name) for name in ("inside", "edge", "end"))
        builder.cbranch(builder.icmp_unsigned("<", number, self._both), inside, edge)

        builder.position_at_end(inside)
        there = [builder.add(start, place) for _, place in columns for start in self._starts]
        builder.branch(end)

        builder.position_at_end(edge)
        at_edge = [
            builder.select(builder.icmp_unsigned("<", number, width), builder.add(start, place), self._zeros)
            for number, place in columns
            for start, width in zip(self._starts, self._widths, strict=True)
        ]
        builder.branch(end)

        builder.position_at_end(end)
        places = [join(builder.phi(int64()), (x, inside), (y, edge)) for x, y in zip(there, at_edge, strict=True)]
        upper, lower, next_upper, next_lower = (channels.load(place) for place in places)
        return [channels.fma(self._sign, lower, upper), channels.fma(self._sign, next_lower, next_upper)]


class _Row(NamedTuple):
    """The operands of `row_of_inputs` and `row_of_gradient`: int64 values."""

    target: Any
    plane: Any
    upper: Any
    lower: Any
    sign: Any
    first: Any
    width: Any
    tiles: Any
    channels: Any


def _positions_of_row(
    builder: Any, like: Elements, row: _Row, shared: bool, positions: Callable[[Columns], Columns]
) -> None:
    """Make four positions of each tile out of its two columns of pixels; where `shared`, out of four, of which the
    first two are those of the tile before.
    """
    channels = _Channels(builder, like, row.channels)
    rows = _Rows(channels, row.upper, row.lower, row.sign, row.width)
    with channels.offsets() as offset:
        before = rows.two_columns(row.first, offset) if shared else []
        kept = [cgutils.alloca_once_value(builder, column) for column in before]
        own = builder.add(row.first, integer(len(before)))
        with channels.tiles(row.tiles) as tile:
            columns = [builder.load(place) for place in kept]
            columns += rows.two_columns(builder.add(own, builder.mul(tile, integer(2))), offset)
            for place, column in zip(kept, columns[2:], strict=True):
                builder.store(column, place)
            out = builder.add(row.target, builder.add(builder.mul(tile, channels.pixel), offset))
            for number, value in enumerate(positions(columns)):
                channels.store(value, builder.add(out, builder.mul(row.plane, integer(number))))


@emitted()
def row_of_inputs(
    builder: Any,
    like: Elements,
    target: Any,
    plane: Any,
    upper: Any,
    lower: Any,
    sign: Any,
    first: Any,
    width: Any,
    tiles: Any,
    channels: Any,
) -> None:
    """A row of B^T D B for neighbouring tiles. The row of B^T D is upper + sign lower: addresses, 0 for zeros.

    target: the address of the first position, (tiles, channels); plane: bytes from one position to the next.
    first: the first tile's first column in an image of this width; columns may be outside.
    """

    def positions(d: Columns) -> Columns:
        sums = (builder.fsub, d[0], d[2]), (builder.fadd, d[1], d[2]), (builder.fsub, d[2], d[1])
        return [add(one, other) for add, one, other in (*sums, (builder.fsub, d[3], d[1]))]

    row = _Row(target, plane, upper, lower, sign, first, width, tiles, channels)
    _positions_of_row(builder, like, row, True, positions)


@emitted()
def row_of_gradient(
    builder: Any,
    like: Elements,
    target: Any,
    plane: Any,
    upper: Any,
    lower: Any,
    sign: Any,
    first: Any,
    width: Any,
    tiles: Any,
    channels: Any,
) -> None:
    """A row of A dY A^T for neighbouring tiles, out of the row of A dY. As `row_of_inputs`."""

    def positions(d: Columns) -> Columns:
        return [d[0], builder.fadd(d[0], d[1]), builder.fsub(d[0], d[1]), d[1]]

    row = _Row(target, plane, upper, lower, sign, first, width, tiles, channels)
    _positions_of_row(builder, like, row, False, positions)


@emitted()
def rows_of_outputs(
    builder: Any,
    like: Elements,
    source: Any,
    plane: Any,
    bias: Any,
    target: Any,
    below: Any,
    first: Any,
    width: Any,
    tiles: Any,
    channels: Any,
) -> None:
    """Y = A^T M A + bias for neighbouring tiles. source, plane: of M, as target and plane in `row_of_inputs`.

    bias: its address, 0 for none. target: the address of the upper row of outputs; below: bytes to the lower row, 0
    where that is outside. first: the first tile's first column; the last tile's second one may be outside the width.
    """

    def sums(m: Columns) -> tuple[Any, Any]:
        left = builder.fadd(builder.fadd(m[0], m[1]), m[2])
        return left, builder.fadd(builder.fsub(m[1], m[2]), m[3])

    pixels = _Channels(builder, like, channels)
    given = builder.icmp_signed("!=", bias, integer(0))
    no_bias = builder.ptrtoint(cgutils.alloca_once_value(builder, pixels.zero), int64())
    with pixels.tiles(tiles) as tile:
        column = builder.add(first, builder.mul(tile, integer(2)))
        upper = builder.add(target, builder.mul(column, pixels.pixel))
        two = builder.icmp_signed("<", builder.add(column, integer(1)), width)
        right = builder.select(two, pixels.pixel, integer(0))
        start = builder.add(source, builder.mul(tile, pixels.pixel))
        with pixels.offsets() as offset:
            place = builder.add(start, offset)
            m = [pixels.load(builder.add(place, builder.mul(plane, integer(n)))) for n in range(POSITIONS)]
            by_column = [sums(m[n::4]) for n in range(4)]
            plus = pixels.load(builder.select(given, builder.add(bias, offset), no_bias))
            # an output that is outside goes where its neighbour inside goes afterwards
            for row in (1, 0):
                y = sums([column[row] for column in by_column])
                left = builder.add(builder.add(upper, offset), below if row else integer(0))
                pixels.store(builder.fadd(y[1], plus), builder.add(left, right))
                pixels.store(builder.fadd(y[0], plus), left)
