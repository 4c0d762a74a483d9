"""Sums over the connections of one output, in vectors of samples.

A tile is some samples as (features, samples of the tile): so a connection reads one row, which is contiguous, and its
index and weight serve many samples. Of many samples tiles are WIDE, else NARROW, and what is left is the last one.
Terms are added in an order that depends on neither registers, tiles nor threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import cgutils, int64, ir
from nnctl.kernels.cpu.simd.registers import SIMD, Vectors, integer, pairwise_sum

WIDE, NARROW = 32, 16  # samples: wider ones are slower, as fewer rows are in the first-level cache
MANY = 2 * WIDE  # samples, from which on wide tiles leave something for another thread
_ACCUMULATORS = 4  # of a sum over connections, so that an addition need not wait for the one before
_SIDE_BY_SIDE = 8  # connections, at most, whose gradients are summed at once
_REGISTERS = SIMD.registers // 2  # for sums; the others hold what is added


class _Rows(Vectors):
    """The rows of tiles. width: their samples, WIDE or NARROW, or a value where they are fewer."""

    def __init__(self, builder: Any, itemsize: int, width: Any) -> None:
        super().__init__(builder, itemsize, SIMD.vector_bytes)
        is_whole = isinstance(width, int)
        self.parts = range((width if is_whole else NARROW) // self.lanes)  # the vectors of a row
        self.stride = integer(width * itemsize) if is_whole else builder.mul(width, integer(itemsize))
        self._masks = [None if is_whole else self._mask(width, part) for part in self.parts]

    def row(self, tile: Any, number: Any) -> Any:
        """The address of a row. number: int64."""
        return self.builder.add(tile, self.builder.mul(number, self.stride))

    def load_part(self, row: Any, part: int) -> Any:
        """Lanes beyond the tile's width are 0."""
        return self.load(self._place(row, part), self._masks[part])

    def store_part(self, value: Any, row: Any, part: int) -> None:
        self.store(value, self._place(row, part), self._masks[part])

    def _place(self, row: Any, part: int) -> Any:
        return self.builder.add(row, integer(part * self.vector_bytes))

    def _mask(self, width: Any, part: int) -> Any:
        left = self.builder.sub(width, integer(part * self.lanes))
        for compared, bound in (("<", 0), (">", self.lanes)):
            beyond = self.builder.icmp_signed(compared, left, integer(bound))
            left = self.builder.select(beyond, integer(bound), left)
        return self.first_lanes(left)


@emitted()
def connection_sums(
    builder: Any,
    like: Elements,
    weight: Elements,
    inputs: Elements,
    first: Any,
    last: Any,
    tile: Any,
    width: Any,
    bias: Any,
    out: Any,
) -> None:
    """out = bias + the sum over k of weight[k] tile[inputs[k]], first <= k < last. out: a row of a tile, of NARROW
    elements at least, 0 beyond the width.

    weight: (K,), of the dtype of `like`; inputs: (K,) int32. tile, bias, out: addresses; bias: 0 for none.
    """
    given = builder.icmp_signed("!=", bias, integer(0))

    def sums(width: Any) -> None:
        rows = _Rows(builder, like.itemsize, width)
        together = max(1, _REGISTERS // _ACCUMULATORS)
        for begin in rows.parts[::together]:
            parts = rows.parts[begin : begin + together]
            totals = [[_variable(builder, rows.zero) for _ in parts] for _ in range(_ACCUMULATORS)]

            def add(k: Any, number: int, parts: range = parts, totals: list[list[Any]] = totals) -> None:
                factor = rows.load_splat(_element(builder, weight, k))
                row = rows.row(tile, _number(builder, inputs, k))
                for part, total in zip(parts, totals[number], strict=True):
                    builder.store(rows.fma(factor, rows.load_part(row, part), builder.load(total)), total)

            _in_groups(builder, first, last, _ACCUMULATORS, add)
            for place, part in enumerate(parts):
                total = pairwise_sum(builder, [builder.load(own[place]) for own in totals])
                held = _variable(builder, total)
                with builder.if_then(given):
                    builder.store(builder.fadd(rows.load_splat(bias), total), held)
                rows.store(builder.load(held), builder.add(out, integer(part * rows.vector_bytes)))

    _by_width(builder, width, sums)


@emitted()
def add_to_connections(
    builder: Any,
    like: Elements,
    weight: Elements,
    inputs: Elements,
    first: Any,
    last: Any,
    source: Any,
    tile: Any,
    width: Any,
) -> None:
    """tile[inputs[k]] += weight[k] source, first <= k < last. As `connection_sums`; source: a row of another tile."""

    def scatter(width: Any) -> None:
        rows = _Rows(builder, like.itemsize, width)
        values = [rows.load_part(source, part) for part in rows.parts]

        def add(k: Any, number: int) -> None:
            factor = rows.load_splat(_element(builder, weight, k))
            row = rows.row(tile, _number(builder, inputs, k))
            for part, value in enumerate(values):
                rows.store_part(rows.fma(factor, value, rows.load_part(row, part)), row, part)

        _in_groups(builder, first, last, _ACCUMULATORS, add)

    _by_width(builder, width, scatter)


@emitted()
def connection_products(
    builder: Any,
    like: Elements,
    inputs: Elements,
    first: Any,
    last: Any,
    a: Any,
    features: Any,
    b: Any,
    outputs: Any,
    output: Any,
    groups: Any,
    samples: Any,
    out: Elements,
) -> None:
    """out[k] = the sum over all samples of a[inputs[k]] b[output], first <= k < last. out: (K,).

    a, b: the addresses of the tiles, one after the other: `groups` times those of so many samples. features, outputs:
    rows of a tile of a and of b.
    """
    together = max(1, min(_SIDE_BY_SIDE, _REGISTERS * SIMD.vector_bytes // (NARROW * like.itemsize)))

    def some(k: Any, count: int) -> None:
        numbers = [_number(builder, inputs, builder.add(k, integer(place))) for place in range(count)]

        def terms(rows: _Rows, a_tile: Any, b_tile: Any) -> list[list[tuple[Any, Any]]]:
            row = rows.row(b_tile, output)
            factors = [rows.load_part(row, part) for part in rows.parts]
            own = [rows.row(a_tile, number) for number in numbers]
            return [[(factors[part], rows.load_part(row, part)) for part in rows.parts] for row in own]

        sums = _over_tiles(builder, like.itemsize, count, terms, [(a, features), (b, outputs)], groups, samples)
        for place, total in enumerate(sums):
            _store(builder, out, builder.add(k, integer(place)), total)

    whole = builder.sdiv(builder.sub(last, first), integer(together))
    with cgutils.for_range(builder, whole) as loop:
        some(builder.add(first, builder.mul(loop.index, integer(together))), together)
    if together > 1:
        done = builder.add(first, builder.mul(whole, integer(together)))
        with cgutils.for_range(builder, builder.sub(last, done)) as loop:
            some(builder.add(done, loop.index), 1)


@emitted()
def row_sum(
    builder: Any, like: Elements, b: Any, outputs: Any, output: Any, groups: Any, samples: Any, out: Elements
) -> None:
    """out[output] = the sum over all samples of b[output]. As `connection_products`."""

    def terms(rows: _Rows, b_tile: Any) -> list[list[tuple[Any, Any]]]:
        row, ones = rows.row(b_tile, output), rows.splat(ir.Constant(rows.element, 1.0))
        return [[(ones, rows.load_part(row, part)) for part in rows.parts]]

    (total,) = _over_tiles(builder, like.itemsize, 1, terms, [(b, outputs)], groups, samples)
    _store(builder, out, output, total)


def _over_tiles(
    builder: Any,
    itemsize: int,
    count: int,
    terms: Callable[..., list[list[tuple[Any, Any]]]],
    tiles: list[tuple[Any, Any]],
    groups: Any,
    samples: Any,
) -> list[Any]:
    """`count` sums over all samples. terms: (rows, the address of a tile of each) -> for each sum the factors of what
    each vector of a row adds. tiles: the address of the first one and the number of rows, of each array.

    There are NARROW accumulators, to each of which one of so many neighbouring samples is added.
    """
    narrow = _Rows(builder, itemsize, NARROW)
    totals = [[_variable(builder, narrow.zero) for _ in narrow.parts] for _ in range(count)]
    places = [_variable(builder, start) for start, _ in tiles]

    def add(width: Any) -> None:
        rows = _Rows(builder, itemsize, width)
        for own, found in zip(totals, terms(rows, *(builder.load(place) for place in places)), strict=True):
            for part, (factor, value) in enumerate(found):
                total = own[part % len(own)]
                builder.store(rows.fma(factor, value, builder.load(total)), total)
        for place, (_, number) in zip(places, tiles, strict=True):
            builder.store(rows.row(builder.load(place), number), place)

    has_many = builder.icmp_signed(">=", samples, integer(MANY))
    wide = builder.select(has_many, builder.sdiv(samples, integer(WIDE)), integer(0))
    left = builder.sub(samples, builder.mul(wide, integer(WIDE)))
    with cgutils.for_range(builder, groups):
        for number, width in ((wide, WIDE), (builder.sdiv(left, integer(NARROW)), NARROW)):
            with cgutils.for_range(builder, number):
                add(width)
        last = builder.srem(left, integer(NARROW))
        with builder.if_then(builder.icmp_signed(">", last, integer(0))):
            add(last)
    return [narrow.sum_of_lanes(pairwise_sum(builder, [builder.load(total) for total in own])) for own in totals]


def _by_width(builder: Any, width: Any, emit: Callable[[Any], None]) -> None:
    """The code for wide and narrow tiles, and that for fewer samples."""
    done = builder.append_basic_block("done")
    for each in (WIDE, NARROW):
        with builder.if_then(builder.icmp_signed("==", width, integer(each))):
            emit(each)
            builder.branch(done)
    emit(width)
    builder.branch(done)
    builder.position_at_end(done)


def _in_groups(builder: Any, first: Any, last: Any, size: int, emit: Callable[[Any, int], None]) -> None:
    """emit(k, place in its group) for first <= k < last."""
    groups = builder.sdiv(builder.sub(last, first), integer(size))
    with cgutils.for_range(builder, groups) as loop:
        k = builder.add(first, builder.mul(loop.index, integer(size)))
        for number in range(size):
            emit(builder.add(k, integer(number)), number)
    done = builder.add(first, builder.mul(groups, integer(size)))
    for number in range(size - 1):
        k = builder.add(done, integer(number))
        with builder.if_then(builder.icmp_signed("<", k, last)):
            emit(k, number)


def _variable(builder: Any, value: Any) -> Any:
    """A variable with this value, which LLVM keeps in a register."""
    variable = cgutils.alloca_once(builder, value.type)
    builder.store(value, variable)
    return variable


def _element(builder: Any, array: Elements, k: Any) -> Any:
    """The address of an element."""
    return builder.ptrtoint(builder.gep(array.pointer, [k]), int64())


def _number(builder: Any, array: Elements, k: Any) -> Any:
    """An element of an array of int32, as int64."""
    return builder.sext(builder.load(builder.gep(array.pointer, [k])), int64())


def _store(builder: Any, array: Elements, k: Any, value: Any) -> None:
    builder.store(value, builder.gep(array.pointer, [k]))
