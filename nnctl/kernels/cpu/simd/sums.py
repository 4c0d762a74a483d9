"""Sums over vectors in registers, in float64, in an order that does not depend on the registers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import int64
from nnctl.kernels.cpu.simd.registers import SIMD, Vectors, integer, join, pairwise_sum
from nnctl.kernels.kernel import Array, compiled

ACCUMULATORS = 32  # sums made at once, so that an addition need not wait for the one before; then a pairwise sum


@compiled
def sum_of(vector: Array) -> float:
    """The sum. vector: (P,) float32 or float64, as of all functions here."""
    total: float = _sum(vector, vector.size)
    return total


@compiled
def sum_of_squares(vector: Array) -> float:
    """The sum of squares."""
    total: float = _squares(vector, vector.size)
    return total


@compiled
def sum_of_squared_deviations(vector: Array, centre: float) -> float:
    """The sum of (vector - centre)^2."""
    total: float = _squared_deviations(vector, vector.size, centre)
    return total


@compiled
def sum_of_products(one: Array, other: Array) -> float:
    """The sum of one x other, both (P,)."""
    total: float = _products(one, other, one.size)
    return total


@compiled
def sum_of_products_with_deviations(one: Array, other: Array, vector: Array, centre: float) -> float:
    """The sum of one x other x (vector - centre), all (P,)."""
    total: float = _products_with_deviations(one, other, vector, one.size, centre)
    return total


@emitted("float64")
def _sum(builder: Any, vector: Elements, count: Any) -> Any:
    return accumulated(builder, [vector], count, lambda doubles, total, value: builder.fadd(total, value))


@emitted("float64")
def _squares(builder: Any, vector: Elements, count: Any) -> Any:
    return accumulated(builder, [vector], count, lambda doubles, total, value: doubles.fma(value, value, total))


@emitted("float64")
def _squared_deviations(builder: Any, vector: Elements, count: Any, centre: Any) -> Any:
    def add(doubles: Vectors, total: Any, value: Any) -> Any:
        deviation = builder.fsub(value, doubles.splat(centre))
        return doubles.fma(deviation, deviation, total)

    return accumulated(builder, [vector], count, add)


@emitted("float64")
def _products(builder: Any, one: Elements, other: Elements, count: Any) -> Any:
    return accumulated(builder, [one, other], count, lambda doubles, total, a, b: doubles.fma(a, b, total))


@emitted("float64")
def _products_with_deviations(
    builder: Any, one: Elements, other: Elements, vector: Elements, count: Any, centre: Any
) -> Any:
    def add(doubles: Vectors, total: Any, a: Any, b: Any, value: Any) -> Any:
        return doubles.fma(builder.fmul(a, b), builder.fsub(value, doubles.splat(centre)), total)

    return accumulated(builder, [one, other, vector], count, add)


def accumulated(
    builder: Any,
    vectors: list[Elements],
    count: Any,
    add: Callable[..., Any],
    combine: Callable[..., Any] = lambda source, *loaded: loaded,
) -> Any:
    """The sum of `count` terms of vectors of one dtype. add: (doubles, total, value, …) -> total + term, all of them
    vectors of float64. combine: (vectors of the dtype, a value of each) -> the values that `add` gets in float64.
    """
    itemsize = vectors[0].itemsize
    doubles = Vectors(builder, 8, SIMD.vector_bytes)
    source = Vectors(builder, itemsize, doubles.lanes * itemsize)
    numbers = range(ACCUMULATORS // doubles.lanes)

    def added(offset: Any, sums: list[Any], left: Any = None) -> list[Any]:
        """The sums plus the terms of the next ACCUMULATORS elements, or of those that are left. offset: in bytes."""
        found = []
        for number, total in zip(numbers, sums, strict=True):
            place, mask = builder.add(offset, integer(number * source.vector_bytes)), None
            if left is not None:
                own = builder.sub(left, integer(number * doubles.lanes))
                own = builder.select(builder.icmp_signed("<", own, integer(0)), integer(0), own)
                full = integer(doubles.lanes)
                mask = source.first_lanes(builder.select(builder.icmp_signed("<", own, full), own, full))
            loaded = combine(source, *(source.load(builder.add(start, place), mask) for start in starts))
            values = loaded if itemsize == 8 else [builder.fpext(value, doubles.vector) for value in loaded]
            more = add(doubles, total, *values)
            found.append(more if mask is None else builder.select(mask, more, total))
        return found

    starts = [builder.ptrtoint(vector.pointer, int64()) for vector in vectors]
    whole = builder.and_(count, integer(-ACCUMULATORS))
    end = builder.mul(whole, integer(itemsize))
    before, test, loop, after, rest, done = builder.block, *(builder.append_basic_block() for _ in range(5))
    builder.branch(test)

    builder.position_at_end(test)
    offset = builder.phi(int64())
    sums = [builder.phi(doubles.vector) for _ in numbers]
    builder.cbranch(builder.icmp_signed("<", offset, end), loop, after)

    builder.position_at_end(loop)
    more = added(offset, sums)
    following = builder.add(offset, integer(ACCUMULATORS * itemsize))
    builder.branch(test)
    join(offset, (integer(0), before), (following, loop))
    for total, next_total in zip(sums, more, strict=True):
        join(total, (doubles.zero, before), (next_total, loop))

    builder.position_at_end(after)
    left = builder.sub(count, whole)
    builder.cbranch(builder.icmp_signed(">", left, integer(0)), rest, done)
    builder.position_at_end(rest)
    last = added(end, sums, left)
    builder.branch(done)

    builder.position_at_end(done)
    ends = [
        join(builder.phi(doubles.vector), (total, after), (more, rest)) for total, more in zip(sums, last, strict=True)
    ]
    total = pairwise_sum(builder, ends)
    lanes = [builder.extract_element(total, integer(lane)) for lane in range(doubles.lanes)]
    return pairwise_sum(builder, lanes)
