"""The vector registers of the processor, and how LLVM's code for them is written."""

from __future__ import annotations

from typing import Any, NamedTuple

from nnctl.kernels.compiler.jit import cgutils, cpu_features, ir


class Shape(NamedTuple):
    """What fits the registers. vector_bytes: of one register. rows, vectors: of a full tile. fma: one rounding.

    narrow_bytes: of the vectors for so few columns that half a register holds them, 0 for none. mask_registers: whether
    masks are bits in registers of their own.
    """

    vector_bytes: int
    rows: int
    vectors: int
    fma: bool
    narrow_bytes: int = 0
    mask_registers: bool = False


def _shape_for(features: dict[str, bool]) -> Shape:
    """rows x vectors sums, the vectors of B, and one of A fill the registers: 32 of them, or 16 with AVX2."""
    if features.get("avx512f"):
        return Shape(
            64, 12, 2, True, narrow_bytes=32, mask_registers=True
        )  # some processors add wide vectors in two halves
    if features.get("avx2") and features.get("fma"):
        return Shape(32, 6, 2, True)
    if features.get("neon"):
        return Shape(16, 8, 2, True)
    return Shape(16, 4, 2, False)


SHAPE = _shape_for(cpu_features())

INT = ir.IntType(64)
INDEX = ir.IntType(32)


def integer(value: int) -> Any:
    """A constant address, offset or count."""
    return ir.Constant(INT, value)


class Vectors:
    """Writes operations on vectors of one length. Addresses and offsets are integers, in bytes.

    whole: of integers, else of floating point numbers.
    """

    def __init__(self, builder: Any, itemsize: int, vector_bytes: int, *, whole: bool = False) -> None:
        self.builder = builder
        self.itemsize = itemsize
        self.vector_bytes = vector_bytes
        self.lanes = vector_bytes // itemsize
        self.element = ir.IntType(8 * itemsize) if whole else ir.FloatType() if itemsize == 4 else ir.DoubleType()
        self.kind = f"{'i' if whole else 'f'}{8 * itemsize}"
        self.vector = ir.VectorType(self.element, self.lanes)
        self.zero = ir.Constant(self.vector, [0 if whole else 0.0] * self.lanes)

    def load(self, address: Any, mask: Any = None) -> Any:
        """The vector at this address; lanes outside the mask are not read, and zero."""
        if mask is None:
            return self.builder.load(self._pointer(address), align=self.itemsize)
        return self._call("masked.load", self.vector, self._pointer(address), self._align(), mask, self.zero)

    def store(self, value: Any, address: Any, mask: Any = None) -> None:
        """Lanes outside the mask are not written."""
        if mask is None:
            self.builder.store(value, self._pointer(address), align=self.itemsize)
        else:
            self._call("masked.store", ir.VoidType(), value, self._pointer(address), self._align(), mask)

    def load_all(self, addresses: list[Any], count: Any) -> list[Any]:
        """The vectors at these addresses, of which only so many lanes are read; the others are zero."""
        builder = self.builder
        with builder.if_else(builder.icmp_signed(">=", count, integer(self.lanes))) as (whole, part):
            with whole:
                all_lanes, after_all = [self.load(address) for address in addresses], builder.block
            with part:
                mask = self.first_lanes(count)
                some_lanes, after_some = [self.load(address, mask) for address in addresses], builder.block
        loaded = zip(all_lanes, some_lanes, strict=True)
        return [join(builder.phi(self.vector), (one, after_all), (other, after_some)) for one, other in loaded]

    def load_splat(self, address: Any) -> Any:
        """The element at this address in every lane."""
        pointer = self.builder.inttoptr(address, self.element.as_pointer())
        return self.splat(self.builder.load(pointer, align=self.itemsize))

    def prefetch(self, address: Any) -> None:
        """Begin to bring the cache line at this address, which may be anywhere, into the first-level cache."""
        pointer = self.builder.inttoptr(address, ir.IntType(8).as_pointer())
        flags = [ir.Constant(INDEX, value) for value in (0, 3, 1)]  # to read, to keep, data
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, *(flag.type for flag in flags)])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0")
        self.builder.call(function, [pointer, *flags])

    def splat(self, scalar: Any) -> Any:
        """A number in every lane."""
        nothing = ir.Constant(ir.VectorType(scalar.type, self.lanes), ir.Undefined)
        first = self.builder.insert_element(nothing, scalar, ir.Constant(INDEX, 0))
        zeros = ir.Constant(ir.VectorType(INDEX, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(first, nothing, zeros)

    def first_lanes(self, count: Any) -> Any:
        """The mask of so many lanes, from 0 to all."""
        if SHAPE.mask_registers:  # a comparison would be repeated before each use
            bits = self.opaque(self.builder.sub(self.builder.shl(integer(1), count), integer(1)))
            lanes = self.builder.trunc(bits, ir.IntType(self.lanes))
            return self.builder.bitcast(lanes, ir.VectorType(ir.IntType(1), self.lanes))
        indices = ir.VectorType(INT, self.lanes)
        return self.builder.icmp_signed("<", ir.Constant(indices, list(range(self.lanes))), self.splat(count))

    def fma(self, factor: Any, vector: Any, total: Any) -> Any:
        """total + factor x vector, rounded once where the processor can."""
        if not SHAPE.fma:
            return self.builder.fadd(total, self.builder.fmul(factor, vector))
        return self._call("fma", self.vector, factor, vector, total)

    def shuffle(self, one: Any, two: Any, indices: list[int]) -> Any:
        """A vector of these elements of the two, which are numbered through."""
        return self.builder.shuffle_vector(one, two, ir.Constant(ir.VectorType(INDEX, len(indices)), indices))

    def opaque(self, value: Any) -> Any:
        """The same integer, of which LLVM knows nothing: what it knows of addresses it turns into chains of additions,
        each waiting for the one before, and loops it can count it unrolls, which takes seconds to compile.
        """
        return self.builder.asm(ir.FunctionType(INT, [INT]), "", "=r,0", [value], side_effect=False)

    def _call(self, name: str, result: Any, *arguments: Any) -> Any:
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        pointer = ".p0" if name.startswith("masked") else ""
        full_name = f"llvm.{name}.v{self.lanes}{self.kind}{pointer}"
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, full_name), arguments)

    def _pointer(self, address: Any) -> Any:
        return self.builder.inttoptr(address, self.vector.as_pointer())

    def _align(self) -> Any:
        return ir.Constant(INDEX, self.itemsize)


def call_with_numbers(builder: Any, code: Any, numbers: Any) -> None:
    """Call a function of `jit.c_function` whose first argument only names a dtype.

    The numbers are handed over in memory: numba's wrapper of a C function copies what is on the stack in vectors,
    which then wait until each number has been stored.
    """
    with builder.goto_entry_block():
        room = builder.alloca(INT, size=len(numbers))
    for place, value in enumerate(numbers):
        builder.store(value, builder.gep(room, [ir.Constant(INDEX, place)]))
    kind = ir.FunctionType(ir.VoidType(), [room.type, room.type])
    builder.call(builder.inttoptr(code, kind.as_pointer()), [ir.Constant(room.type, None), room])


def in_a_tree(builder: Any, sums: list[Any]) -> Any:
    """The sum of all, a power of two of them: the first half each with its partner in the second, and so on."""
    while len(sums) > 1:
        half = len(sums) // 2
        sums = [builder.fadd(one, other) for one, other in zip(sums[:half], sums[half:], strict=True)]
    return sums[0]


def join(phi: Any, *incoming: tuple[Any, Any]) -> Any:
    """Tell a phi node its values and the blocks they come from."""
    for value, block in incoming:
        phi.add_incoming(value, block)
    return phi
