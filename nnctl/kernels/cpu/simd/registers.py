"""The vector registers of the processor, and an emitter of LLVM code for them."""

from __future__ import annotations

from typing import Any, NamedTuple

from nnctl.kernels.compiler.jit import cgutils, int32, int64, ir
from nnctl.kernels.compiler.level import AARCH64, V3, V4, Level, level


class Simd(NamedTuple):
    """The vector registers of a processor, and the micro-kernel's tile that fills them.

    registers: how many. vector_bytes: of one. tile_rows, tile_vectors: of a full tile; its sums, tile_vectors of B and
    one of A fill the registers. fma: whether a multiply-add is rounded once. narrow_bytes: of the vectors of a tile
    whose columns fit into half a register, 0 for none. mask_registers: whether masks are bits in registers of their
    own. by_element: whether a multiply-add takes one element of a register for all lanes.
    """

    registers: int
    vector_bytes: int
    tile_rows: int
    tile_vectors: int
    fma: bool
    narrow_bytes: int = 0
    mask_registers: bool = False
    by_element: bool = False

    def fits(self, rows: int, vectors: int) -> bool:
        """Whether such a tile's sums, its vectors of B and one of A fit the registers."""
        return rows * vectors + vectors + 1 <= self.registers


AVX512 = Simd(32, 64, 12, 2, True, narrow_bytes=32, mask_registers=True)  # some processors halve wide vectors
AVX2 = Simd(16, 32, 6, 2, True)
NEON = Simd(32, 16, 6, 4, True, by_element=True)  # a row of B is a cache line; processors have two or four FMA pipes
PLAIN = Simd(16, 16, 4, 2, False)


def simd_of(level: Level) -> Simd:
    """The registers of a level."""
    return {V4: AVX512, V3: AVX2, AARCH64: NEON}.get(level, PLAIN)


SIMD = simd_of(level())


def integer(value: int) -> Any:
    """A constant address, offset or count."""
    return ir.Constant(int64(), value)


class Vectors:
    """Emits operations on vectors of one length. Addresses and offsets are integers, in bytes.

    integers: whether elements are integers, else they are floating-point numbers.
    """

    def __init__(self, builder: Any, itemsize: int, vector_bytes: int, *, integers: bool = False) -> None:
        self.builder = builder
        self.itemsize = itemsize
        self.vector_bytes = vector_bytes
        self.lanes = vector_bytes // itemsize
        self.element = ir.IntType(8 * itemsize) if integers else ir.FloatType() if itemsize == 4 else ir.DoubleType()
        self.kind = f"{'i' if integers else 'f'}{8 * itemsize}"
        self.vector = ir.VectorType(self.element, self.lanes)
        self.zero = ir.Constant(self.vector, [0 if integers else 0.0] * self.lanes)

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
        """The first `count` lanes of the vectors at these addresses; the others are not read, and zero."""
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
        scalar = self.builder.load(pointer, align=self.itemsize)
        if SIMD.by_element:  # it is one already; LLVM would copy some into all lanes, which takes a vector's place
            kind = ir.FunctionType(self.element, [self.element])
            scalar = self.builder.asm(kind, "", "=w,0", [scalar], side_effect=False)
        return self.splat(scalar)

    def prefetch(self, address: Any) -> None:
        """Prefetch the cache line at this address, valid or not, into the first-level cache."""
        pointer = self.builder.inttoptr(address, ir.IntType(8).as_pointer())
        flags = [ir.Constant(int32(), value) for value in (0, 3, 1)]  # read, high locality, data cache
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, *(flag.type for flag in flags)])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0")
        self.builder.call(function, [pointer, *flags])

    def splat(self, scalar: Any) -> Any:
        """A number in every lane."""
        nothing = ir.Constant(ir.VectorType(scalar.type, self.lanes), ir.Undefined)
        first = self.builder.insert_element(nothing, scalar, ir.Constant(int32(), 0))
        zeros = ir.Constant(ir.VectorType(int32(), self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(first, nothing, zeros)

    def first_lanes(self, count: Any) -> Any:
        """The mask of the first `count` lanes, 0 to all."""
        if SIMD.mask_registers:  # a comparison would be repeated before each use
            bits = self.opaque(self.builder.sub(self.builder.shl(integer(1), count), integer(1)))
            lanes = self.builder.trunc(bits, ir.IntType(self.lanes))
            return self.builder.bitcast(lanes, ir.VectorType(ir.IntType(1), self.lanes))
        indices = ir.VectorType(int64(), self.lanes)
        return self.builder.icmp_signed("<", ir.Constant(indices, list(range(self.lanes))), self.splat(count))

    def fma(self, factor: Any, vector: Any, total: Any) -> Any:
        """total + factor x vector, rounded once where the processor can."""
        if not SIMD.fma:
            return self.builder.fadd(total, self.builder.fmul(factor, vector))
        return self._call("fma", self.vector, factor, vector, total)

    def sqrt(self, vector: Any) -> Any:
        """The root of every lane, rounded once."""
        return self._call("sqrt", self.vector, vector)

    def shuffle(self, one: Any, two: Any, indices: list[int]) -> Any:
        """The elements with these indices of the two vectors in a row."""
        return self.builder.shuffle_vector(one, two, ir.Constant(ir.VectorType(int32(), len(indices)), indices))

    def sum_of_lanes(self, vector: Any) -> Any:
        """Their pairwise sum, a number."""
        lanes = self.lanes
        while lanes > 1:
            lanes //= 2
            other = [lane + lanes if lane < lanes else lane for lane in range(self.lanes)]
            vector = self.builder.fadd(vector, self.shuffle(vector, vector, other))
        return self.builder.extract_element(vector, ir.Constant(int32(), 0))

    def opaque(self, value: Any) -> Any:
        """The same integer, hidden from LLVM's optimizer. Else it makes addresses chains of additions, each of which
        waits for the one before, and unrolls loops that it can count, which takes seconds to compile.
        """
        return self.builder.asm(ir.FunctionType(int64(), [int64()]), "", "=r,0", [value], side_effect=False)

    def _call(self, name: str, result: Any, *arguments: Any) -> Any:
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        pointer = ".p0" if name.startswith("masked") else ""
        full_name = f"llvm.{name}.v{self.lanes}{self.kind}{pointer}"
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, full_name), arguments)

    def _pointer(self, address: Any) -> Any:
        return self.builder.inttoptr(address, self.vector.as_pointer())

    def _align(self) -> Any:
        return ir.Constant(int32(), self.itemsize)


def call_with_operands(builder: Any, code: Any, operands: Any) -> None:
    """Call a function of `jit.c_function` with a null pointer, which only names a dtype, and a pointer to int64s.

    The operands are passed in memory: numba's wrapper of a C function copies what is on the stack in vectors,
    which then wait until each operand has been stored.
    """
    with builder.goto_entry_block():
        buffer = builder.alloca(int64(), size=len(operands))
    for place, value in enumerate(operands):
        builder.store(value, builder.gep(buffer, [ir.Constant(int32(), place)]))
    kind = ir.FunctionType(ir.VoidType(), [buffer.type, buffer.type])
    builder.call(builder.inttoptr(code, kind.as_pointer()), [ir.Constant(buffer.type, None), buffer])


def pairwise_sum(builder: Any, terms: list[Any]) -> Any:
    """The sum of a power of two of terms: each of the first half with its partner in the second, and so on."""
    while len(terms) > 1:
        half = len(terms) // 2
        terms = [builder.fadd(one, other) for one, other in zip(terms[:half], terms[half:], strict=True)]
    return terms[0]


def join(phi: Any, *incoming: tuple[Any, Any]) -> Any:
    """Add the values of a phi node and the blocks that they come from; returns it."""
    for value, block in incoming:
        phi.add_incoming(value, block)
    return phi
