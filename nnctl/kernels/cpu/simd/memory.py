"""Memory by its address, for kernels that compute addresses."""

from __future__ import annotations

from typing import Any, NamedTuple

from nnctl.kernels.compiler.jit import cgutils, errors, intrinsic, ir, types
from nnctl.kernels.cpu.simd.registers import INT, SHAPE, Vectors, integer

LINE_BYTES = 64  # of the cache


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def address_of(typing_context: Any, array: Any) -> Any:
    """Where an array begins: as `array.ctypes.data`, but signed, as the strides and places that are added to it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.ptrtoint(context.make_array(array)(context, builder, values[0]).data, INT)

    return types.intp(array), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def itemsize_of(typing_context: Any, like: Any) -> Any:
    """Bytes of an element. like: an array or a pointer."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return integer(like.dtype.bitwidth // 8)

    return types.intp(like), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def number(typing_context: Any, numbers: Any, place: Any) -> Any:
    """One of the numbers that a pointer points to, by its place from 0."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load(builder.gep(values[0], [values[1]]))

    return types.intp(numbers, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def copy(typing_context: Any, like: Any, target: Any, source: Any, size: Any) -> Any:
    """Bytes from one address to another."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        target, source = (builder.inttoptr(value, pointer) for value in values[1:3])
        cgutils.raw_memcpy(builder, target, source, values[3], 1)
        return context.get_dummy_value()

    return types.void(like, types.intp, types.intp, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def fetch(typing_context: Any, like: Any, address: Any, size: Any) -> Any:
    """Begin to bring the cache lines of so many bytes from this address on, which may be anywhere."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vectors = Vectors(builder, like.dtype.bitwidth // 8, SHAPE.vector_bytes)
        lines = builder.udiv(builder.add(values[2], integer(LINE_BYTES - 1)), integer(LINE_BYTES))
        with cgutils.for_range(builder, lines) as loop:
            offset = builder.mul(vectors.opaque(loop.index), integer(LINE_BYTES))
            vectors.prefetch(builder.add(values[1], offset))
        return context.get_dummy_value()

    return types.void(like, types.intp, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def fill(typing_context: Any, like: Any, target: Any, source: Any, count: Any) -> Any:
    """Elements from one address to another, or zeros where the source is 0: in vectors, since calls take longer than
    the few elements of a row.
    """
    itemsize = like.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, target, source, count = values
        vectors = Vectors(builder, itemsize, SHAPE.vector_bytes)
        given = builder.icmp_signed("!=", source, integer(0))

        def move(offset: Any, mask: Any = None) -> None:
            with builder.if_else(given) as (then, otherwise):
                with then:
                    vectors.store(vectors.load(builder.add(source, offset), mask), builder.add(target, offset), mask)
                with otherwise:
                    vectors.store(vectors.zero, builder.add(target, offset), mask)

        whole = builder.and_(count, integer(-vectors.lanes))
        with cgutils.for_range(builder, builder.udiv(whole, integer(vectors.lanes))) as loop:
            move(builder.mul(vectors.opaque(loop.index), integer(vectors.vector_bytes)))
        left = builder.sub(count, whole)
        with builder.if_then(builder.icmp_signed(">", left, integer(0))):
            move(builder.mul(whole, integer(itemsize)), vectors.first_lanes(left))
        return context.get_dummy_value()

    return types.void(like, types.intp, types.intp, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def room(typing_context: Any, like: Any, size: Any) -> Any:
    """The address of so many bytes (a constant) on the stack, for as long as the kernel runs."""
    if not isinstance(size, types.IntegerLiteral):
        raise errors.RequireLiteralValue("the room must be a constant")

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        with builder.goto_entry_block():
            room = builder.alloca(ir.ArrayType(ir.IntType(8), size.literal_value))
            room.align = 64
            return builder.ptrtoint(room, INT)

    return types.intp(like, size), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def put(typing_context: Any, like: Any, source: Any, target: Any, plus: Any) -> Any:
    """An element from one address to another, plus the one at a third, which is 0 for nothing."""
    itemsize = like.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = context.get_value_type(like.dtype).as_pointer()
        source, target, plus = (builder.inttoptr(value, pointer) for value in values[1:])
        value = builder.load(source, align=itemsize)
        with builder.if_else(builder.icmp_signed("!=", values[3], integer(0))) as (then, otherwise):
            with then:
                builder.store(builder.fadd(builder.load(plus, align=itemsize), value), target, align=itemsize)
            with otherwise:
                builder.store(value, target, align=itemsize)
        return context.get_dummy_value()

    return types.void(like, *[types.intp] * 3), generate


class Matrix(NamedTuple):
    """Where a matrix begins, 0 for none, and its strides in elements."""

    start: int
    row: int
    column: int


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def at(typing_context: Any, like: Any, matrix: Any, i: Any, j: Any) -> Any:
    """The address of the element in row i and column j; 0 where there is no matrix."""
    itemsize = like.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start, row, column = cgutils.unpack_tuple(builder, values[1])
        offset = builder.add(builder.mul(values[2], row), builder.mul(values[3], column))
        found = builder.add(start, builder.mul(offset, integer(itemsize)))
        return builder.select(builder.icmp_signed("!=", start, integer(0)), found, integer(0))

    return types.intp(like, matrix, types.intp, types.intp), generate
