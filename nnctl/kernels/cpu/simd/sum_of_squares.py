"""The sum of squares in vector registers, in float64, and in one order whatever the registers."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.compiler.jit import intrinsic, types
from nnctl.kernels.cpu.simd.registers import INT, SHAPE, Vectors, in_a_tree, integer, join
from nnctl.kernels.kernel import Array, compiled

STRANDS = 32  # sums side by side, so that an addition need not wait for the one before; added in a tree


@compiled
def sum_of_squares(vector: Array, first: int, last: int) -> float:
    """The sum of squares of vector[first:last]. vector: (P,) float32 or float64."""
    total: float = _strands(vector, first, last - first)
    return total


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def _strands(typing_context: Any, vector: Any, first: Any, count: Any) -> Any:
    """As `sum_of_squares`, of so many elements from the first on."""
    itemsize = vector.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        doubles = Vectors(builder, 8, SHAPE.vector_bytes)
        source = Vectors(builder, itemsize, doubles.lanes * itemsize)
        numbers = range(STRANDS // doubles.lanes)

        def added(address: Any, sums: list[Any], left: Any = None) -> list[Any]:
            """The sums with the squares of the next elements: of all strands, or of as many as are left."""
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

        data = builder.ptrtoint(context.make_array(signature.args[0])(context, builder, values[0]).data, INT)
        start = builder.add(data, builder.mul(values[1], integer(itemsize)))
        whole = builder.and_(values[2], integer(-STRANDS))
        end = builder.add(start, builder.mul(whole, integer(itemsize)))
        before, test, loop, after, rest, done = builder.block, *(builder.append_basic_block() for _ in range(5))
        builder.branch(test)

        builder.position_at_end(test)
        address = builder.phi(INT)
        sums = [builder.phi(doubles.vector) for _ in numbers]
        builder.cbranch(builder.icmp_signed("<", address, end), loop, after)

        builder.position_at_end(loop)
        more = added(address, sums)
        following = builder.add(address, integer(STRANDS * itemsize))
        builder.branch(test)
        join(address, (start, before), (following, loop))
        for total, next_total in zip(sums, more, strict=True):
            join(total, (doubles.zero, before), (next_total, loop))

        builder.position_at_end(after)
        left = builder.sub(values[2], whole)
        builder.cbranch(builder.icmp_signed(">", left, integer(0)), rest, done)
        builder.position_at_end(rest)
        last = added(end, sums, left)
        builder.branch(done)

        builder.position_at_end(done)
        ends = [
            join(builder.phi(doubles.vector), (total, after), (more, rest))
            for total, more in zip(sums, last, strict=True)
        ]
        whole_sum = in_a_tree(builder, ends)
        lanes = [builder.extract_element(whole_sum, integer(lane)) for lane in range(doubles.lanes)]
        return in_a_tree(builder, lanes)

    return types.float64(vector, types.intp, types.intp), generate
