"""Access to memory by address, for kernels that compute addresses. like: an array or a pointer of the dtype."""

from __future__ import annotations

from typing import Any, NamedTuple

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import cgutils, errors, int64, intrinsic, ir, types
from nnctl.kernels.cpu.simd.registers import SIMD, Vectors, integer

LINE_BYTES = 64  # of the cache


@emitted("intp")
def address_of(builder: Any, array: Elements) -> Any:
    """The address of an array: `array.ctypes.data`, but signed, as are the strides and offsets that are added to it."""
    return builder.ptrtoint(array.pointer, int64())


@emitted("intp")
def itemsize_of(builder: Any, like: Elements) -> Any:
    """Bytes of an element."""
    return integer(like.itemsize)


@emitted("intp")
def operand(builder: Any, operands: Elements, place: Any) -> Any:
    """An operand of a function called by `call_with_operands`, by its place from 0."""
    return builder.load(builder.gep(operands.pointer, [place]))


@emitted()
def copy_bytes(builder: Any, like: Elements, source: Any, target: Any, size: Any) -> None:
    """Copy `size` bytes from the address source to the address target."""
    pointer = ir.IntType(8).as_pointer()
    target, source = builder.inttoptr(target, pointer), builder.inttoptr(source, pointer)
    cgutils.raw_memcpy(builder, target, source, size, 1)


@emitted()
def prefetch(builder: Any, like: Elements, address: Any, size: Any) -> None:
    """Prefetch the cache lines of `size` bytes from this address on, valid or not."""
    vectors = Vectors(builder, like.itemsize, SIMD.vector_bytes)
    lines = builder.udiv(builder.add(size, integer(LINE_BYTES - 1)), integer(LINE_BYTES))
    with cgutils.for_range(builder, lines) as loop:
        offset = builder.mul(vectors.opaque(loop.index), integer(LINE_BYTES))
        vectors.prefetch(builder.add(address, offset))


@emitted()
def copy_elements(builder: Any, like: Elements, source: Any, target: Any, count: Any) -> None:
    """Copy `count` elements from the address source to the address target, or write zeros where source is 0.

    In vectors: a call of memcpy takes longer than the few elements of a row.
    """
    vectors = Vectors(builder, like.itemsize, SIMD.vector_bytes)
    given = builder.icmp_signed("!=", source, integer(0))

    def copy(offset: Any, mask: Any = None) -> None:
        with builder.if_else(given) as (then, otherwise):
            with then:
                vectors.store(vectors.load(builder.add(source, offset), mask), builder.add(target, offset), mask)
            with otherwise:
                vectors.store(vectors.zero, builder.add(target, offset), mask)

    whole = builder.and_(count, integer(-vectors.lanes))
    with cgutils.for_range(builder, builder.udiv(whole, integer(vectors.lanes))) as loop:
        copy(builder.mul(vectors.opaque(loop.index), integer(vectors.vector_bytes)))
    left = builder.sub(count, whole)
    with builder.if_then(builder.icmp_signed(">", left, integer(0))):
        copy(builder.mul(whole, integer(like.itemsize)), vectors.first_lanes(left))


@intrinsic
def stack_buffer(typing_context: Any, like: Any, size: Any) -> Any:
    """The address of `size` bytes on the stack, a constant, at the start of a cache line. They last until the kernel
    returns.
    """
    if not isinstance(size, types.IntegerLiteral):
        raise errors.RequireLiteralValue("the size of a stack buffer must be a constant")

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        with builder.goto_entry_block():
            buffer = builder.alloca(ir.ArrayType(ir.IntType(8), size.literal_value))
            buffer.align = LINE_BYTES
            return builder.ptrtoint(buffer, int64())

    return types.intp(like, size), generate


@emitted()
def copy_element(builder: Any, like: Elements, source: Any, target: Any, addend: Any) -> None:
    """Copy the element at the address source to the address target, plus the one at the address addend unless 0."""
    pointer, align = like.pointer.type, like.itemsize
    value = builder.load(builder.inttoptr(source, pointer), align=align)
    target = builder.inttoptr(target, pointer)
    plus = builder.inttoptr(addend, pointer)
    with builder.if_else(builder.icmp_signed("!=", addend, integer(0))) as (then, otherwise):
        with then:
            builder.store(builder.fadd(builder.load(plus, align=align), value), target, align=align)
        with otherwise:
            builder.store(value, target, align=align)


class Matrix(NamedTuple):
    """A matrix in memory: the address of its first element, 0 for no matrix, and its strides in elements."""

    start: int
    row: int
    column: int


@emitted("intp")
def at(builder: Any, like: Elements, matrix: Any, i: Any, j: Any) -> Any:
    """The address of the element in row i and column j; 0 for no matrix."""
    start, row, column = matrix
    offset = builder.add(builder.mul(i, row), builder.mul(j, column))
    found = builder.add(start, builder.mul(offset, integer(like.itemsize)))
    return builder.select(builder.icmp_signed("!=", start, integer(0)), found, integer(0))
