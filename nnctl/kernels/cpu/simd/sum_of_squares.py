"""The sum of squares in vector registers, in float64, in an order that does not depend on the registers."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import types
from nnctl.kernels.cpu.simd.registers import INT, SIMD, Vectors, integer, join, pairwise_sum
from nnctl.kernels.kernel import Array, compiled

ACCUMULATORS = 32  # sums made at once, so that an addition need not wait for the one before; then a pairwise sum


@compiled
def sum_of_squares(vector: Array, first: int, last: int) -> float:
    """The sum of squares of vector[first:last]. vector: (P,) float32 or float64."""
    total: float = _accumulated(vector, first, last - first)
    return total


@emitted(types.float64)
def _accumulated(builder: Any, vector: Elements, first: Any, count: Any) -> Any:
    """As `sum_of_squares`, of `count` elements from the first on."""
    itemsize = vector.itemsize
    doubles = Vectors(builder, 8, SIMD.vector_bytes)
    source = Vectors(builder, itemsize, doubles.lanes * itemsize)
    numbers = range(ACCUMULATORS // doubles.lanes)

    def added(address: Any, sums: list[Any], left: Any = None) -> list[Any]:
        """The sums plus the squares of the next ACCUMULATORS elements, or of those that are left."""
        found = []
        for number, total in zip(numbers, sums, strict=True):
            place, mask = builder.add(address, integer(number * source.vector_bytes)), None
            if left is not None:
                own = builder.sub(left, integer(number * doubles.lanes))
                own = builder.select(builder.icmp_signed("<", own, integer(0)), integer(0), own)
                full = integer(doubles.lanes)
                mask = source.first_lanes(builder.select(builder.icmp_signed("<", own, full), own, full))
            loaded = source.load(place, mask)
            value = loaded if itemsize == 8 else builder.fpext(loaded, doubles.vector)
            found.append(doubles.fma(value, value, total))
        return found

    data = builder.ptrtoint(vector.pointer, INT)
    start = builder.add(data, builder.mul(first, integer(itemsize)))
    whole = builder.and_(count, integer(-ACCUMULATORS))
    end = builder.add(start, builder.mul(whole, integer(itemsize)))
    before, test, loop, after, rest, done = builder.block, *(builder.append_basic_block() for _ in range(5))
    builder.branch(test)

    builder.position_at_end(test)
    address = builder.phi(INT)
    sums = [builder.phi(doubles.vector) for _ in numbers]
    builder.cbranch(builder.icmp_signed("<", address, end), loop, after)

    builder.position_at_end(loop)
    more = added(address, sums)
    following = builder.add(address, integer(ACCUMULATORS * itemsize))
    builder.branch(test)
    join(address, (start, before), (following, loop))
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
