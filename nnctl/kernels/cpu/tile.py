"""The micro-kernel: one tile of a matrix product, its sums kept in vector registers.

LLVM does not keep a tile of sums in registers when it is written as loops over an array, so its vector code is
emitted here. All other kernels of products are about how operands are addressed.

    C[i, j] (+)= sum over p < outer, q < inner of A[i, p, q] B[p, q, j]     i < rows <= ROWS, j < columns

A is addressed by three strides, B's and C's columns are contiguous. Two sums, since a convolution's window is two
strides. Each element sums in the order of (p, q), whatever the tile: its bits do not depend on where it lies.
Source: Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication"; BLIS, Van Zee and
van de Geijn 2015.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from nnctl.kernels.jit import c_function, cgutils, cpu_features, intrinsic, ir, types


class Shape(NamedTuple):
    """What fits the registers. vector_bytes: of one register. rows, vectors: of a full tile. fma: one rounding.

    narrow_bytes: of the vectors for so few columns that half a register holds them, 0 for none.
    """

    vector_bytes: int
    rows: int
    vectors: int
    fma: bool
    narrow_bytes: int = 0


def _shape_for(features: dict[str, bool]) -> Shape:
    """rows x vectors sums, the vectors of B, and one of A fill the registers: 32 of them, or 16 with AVX2."""
    if features.get("avx512f"):
        return Shape(64, 12, 2, True, narrow_bytes=32)  # some processors add wide vectors in two halves
    if features.get("avx2") and features.get("fma"):
        return Shape(32, 6, 2, True)
    if features.get("neon"):
        return Shape(16, 8, 2, True)
    return Shape(16, 4, 2, False)


SHAPE = _shape_for(cpu_features())
ROWS = SHAPE.rows

_INT = ir.IntType(64)
_INDEX = ir.IntType(32)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def _emitted(typing_context: Any, *operands: Any) -> Any:
    """The body of the micro-kernel. operands: `tile`'s from `a` on, with c a pointer and add a number."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        unpacked = cgutils.unpack_tuple(builder, values[0])
        unpacked[7] = builder.ptrtoint(unpacked[7], _INT)
        _Emitter(builder, operands[7].dtype.bitwidth // 8, unpacked, SHAPE.vector_bytes).emit()
        return context.get_dummy_value()

    return types.void(types.StarArgTuple.from_types(operands)), generate


def _micro_kernel(a, a_row, a_outer, a_inner, b, b_outer, b_inner, c, c_row, rows, columns, outer, inner, add):  # type: ignore[no-untyped-def]  # a compiled signature types it
    _emitted(a, a_row, a_outer, a_inner, b, b_outer, b_inner, c, c_row, rows, columns, outer, inner, add)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def tile(
    typing_context: Any,
    code: Any,
    a: Any,
    a_row: Any,
    a_outer: Any,
    a_inner: Any,
    b: Any,
    b_outer: Any,
    b_inner: Any,
    c: Any,
    c_row: Any,
    rows: Any,
    columns: Any,
    outer: Any,
    inner: Any,
    add: Any,
) -> Any:
    """One tile. code: `tile_code` of the dtype of all. a, b, c: addresses in bytes.

    Strides are in elements. 1 <= rows <= ROWS, 1 <= columns <= vectors x lanes, outer, inner >= 1. add: whether
    C is added to.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [_INT] * 14)
        function = builder.inttoptr(values[0], kind.as_pointer())
        builder.call(function, [*values[1:14], builder.zext(values[14], _INT)])
        return context.get_dummy_value()

    return types.void(*[types.intp] * 14, types.boolean), generate


class _Emitter:
    """Writes the vector code of every size of tile, and the switch between them."""

    def __init__(self, builder: Any, itemsize: int, arguments: Any, vector_bytes: int) -> None:
        self.builder = builder
        self.itemsize = itemsize
        self.arguments = arguments
        self.vector_bytes = vector_bytes
        self.lanes = vector_bytes // itemsize
        self.element = ir.FloatType() if itemsize == 4 else ir.DoubleType()
        self.vector = ir.VectorType(self.element, self.lanes)
        self.mask = ir.VectorType(ir.IntType(1), self.lanes)
        self.zero = ir.Constant(self.vector, [0.0] * self.lanes)
        (self.a, a_row, a_outer, a_inner, self.b, b_outer, b_inner, self.c, c_row) = arguments[:9]
        self.rows, self.columns, self.outer, self.inner, add = arguments[9:]
        self.add = builder.icmp_signed("!=", add, _int(0))
        strides = (a_row, a_outer, a_inner, b_outer, b_inner, c_row)
        self.a_row, self.a_outer, self.a_inner, self.b_outer, self.b_inner, self.c_row = (
            builder.mul(stride, _int(itemsize)) for stride in strides
        )

    def emit(self) -> None:
        """The tiles of whole vectors and, where half a vector holds all columns, those of narrow ones."""
        builder = self.builder
        done = builder.append_basic_block("done")
        if SHAPE.narrow_bytes:
            narrow, wide = builder.append_basic_block("narrow"), builder.append_basic_block("wide")
            fits = builder.icmp_signed("<=", self.columns, _int(SHAPE.narrow_bytes // self.itemsize))
            builder.cbranch(fits, narrow, wide)
            builder.position_at_end(narrow)
            _Emitter(builder, self.itemsize, self.arguments, SHAPE.narrow_bytes).emit_sizes(1, done)
            builder.position_at_end(wide)
        self.emit_sizes(SHAPE.vectors, done)
        builder.position_at_end(done)

    def emit_sizes(self, most_vectors: int, done: Any) -> None:
        """A block for each number of rows and vectors, with the last vector whole or masked; all end in `done`."""
        builder = self.builder
        last = builder.sub(self.columns, _int(1))
        whole = builder.icmp_signed("==", builder.srem(self.columns, _int(self.lanes)), _int(0))
        vectors = builder.sdiv(last, _int(self.lanes))
        case = builder.add(builder.mul(vectors, _int(2)), builder.select(whole, _int(0), _int(1)))
        case = builder.add(builder.mul(case, _int(ROWS)), builder.sub(self.rows, _int(1)))
        switch = builder.switch(case, done)
        number = 0
        for vector_count in range(1, most_vectors + 1):
            for masked in (False, True):
                for row_count in range(1, ROWS + 1):
                    block = builder.append_basic_block(f"tile_{row_count}x{vector_count}")
                    switch.add_case(_int(number), block)
                    builder.position_at_end(block)
                    self._tile(row_count, vector_count, masked)
                    builder.branch(done)
                    number += 1

    def _tile(self, rows: int, vectors: int, masked: bool) -> None:
        mask = self._last_mask(vectors) if masked else None
        sums = self._sums(rows, vectors, mask)
        builder = self.builder
        with builder.if_else(self.add) as (then, otherwise):
            with then:
                self._store(sums, mask, add=True)
            with otherwise:
                self._store(sums, mask, add=False)

    def _sums(self, rows: int, vectors: int, mask: Any) -> list[list[Any]]:
        """The two nested loops; returns the finished sums, a list of vectors for each row."""
        builder = self.builder
        before = builder.block
        outer, inner, after = (builder.append_basic_block(name) for name in ("outer", "inner", "after_inner"))
        end = builder.append_basic_block("end")
        row_offsets = [builder.mul(self.a_row, _int(row)) for row in range(rows)]
        builder.branch(outer)

        builder.position_at_end(outer)
        p, a_outer, b_outer = (builder.phi(_INT) for _ in range(3))
        outer_sums = [[builder.phi(self.vector) for _ in range(vectors)] for _ in range(rows)]
        builder.branch(inner)

        builder.position_at_end(inner)
        q, a, b = (builder.phi(_INT) for _ in range(3))
        sums = [[builder.phi(self.vector) for _ in range(vectors)] for _ in range(rows)]
        next_sums = self._multiply_add(a, row_offsets, b, sums, mask)
        _join(q, (_int(0), outer), (next_q := builder.add(q, _int(1)), inner))
        _join(a, (a_outer, outer), (builder.add(a, self.a_inner), inner))
        _join(b, (b_outer, outer), (builder.add(b, self.b_inner), inner))
        self._keep_rolled(builder.cbranch(builder.icmp_signed("<", next_q, self.inner), inner, after))

        builder.position_at_end(after)
        _join(p, (_int(0), before), (next_p := builder.add(p, _int(1)), after))
        _join(a_outer, (self.a, before), (builder.add(a_outer, self.a_outer), after))
        _join(b_outer, (self.b, before), (builder.add(b_outer, self.b_outer), after))
        for row in range(rows):
            for vector in range(vectors):
                _join(outer_sums[row][vector], (self.zero, before), (next_sums[row][vector], after))
                _join(sums[row][vector], (outer_sums[row][vector], outer), (next_sums[row][vector], inner))
        self._keep_rolled(builder.cbranch(builder.icmp_signed("<", next_p, self.outer), outer, end))
        builder.position_at_end(end)
        return next_sums

    def _keep_rolled(self, branch: Any) -> None:
        """Tell LLVM not to unroll the loop that this branch closes: it gains nothing and takes seconds to compile."""
        module = self.builder.module
        disable = module.add_metadata([ir.MetaDataString(module, "llvm.loop.unroll.disable")])
        branch.set_metadata("llvm.loop", module.add_metadata([disable]))

    def _multiply_add(
        self, a: Any, row_offsets: list[Any], b: Any, sums: list[list[Any]], mask: Any
    ) -> list[list[Any]]:
        """sums + A's column times B's row."""
        builder = self.builder
        count = len(sums[0])
        b_vectors = [self._load(self._at(b, vector), mask if vector == count - 1 else None) for vector in range(count)]
        finished = []
        for offset, row in zip(row_offsets, sums, strict=True):
            address = builder.inttoptr(builder.add(a, offset), self.element.as_pointer())
            factor = self._splat(builder.load(address, align=self.itemsize), self.vector)
            finished.append(
                [self._fma(factor, b_vector, total) for b_vector, total in zip(b_vectors, row, strict=True)]
            )
        return finished

    def _store(self, sums: list[list[Any]], mask: Any, *, add: bool) -> None:
        for number, row in enumerate(sums):
            start = self.builder.add(self.c, self.builder.mul(self.c_row, _int(number)))
            for vector, total in enumerate(row):
                own_mask = mask if vector == len(row) - 1 else None
                address = self._at(start, vector)
                value = self.builder.fadd(self._load(address, own_mask), total) if add else total
                if own_mask is None:
                    self.builder.store(value, self._pointer(address), align=self.itemsize)
                else:
                    self._call("masked.store", ir.VoidType(), value, self._pointer(address), self._align(), own_mask)

    def _load(self, address: Any, mask: Any) -> Any:
        if mask is None:
            return self.builder.load(self._pointer(address), align=self.itemsize)
        return self._call("masked.load", self.vector, self._pointer(address), self._align(), mask, self.zero)

    def _last_mask(self, vectors: int) -> Any:
        """Which lanes of the last vector hold columns."""
        left = self.builder.sub(self.columns, _int((vectors - 1) * self.lanes))
        indices = ir.VectorType(_INT, self.lanes)
        return self.builder.icmp_signed("<", ir.Constant(indices, list(range(self.lanes))), self._splat(left, indices))

    def _fma(self, factor: Any, vector: Any, total: Any) -> Any:
        if not SHAPE.fma:
            return self.builder.fadd(total, self.builder.fmul(factor, vector))
        return self._call("fma", self.vector, factor, vector, total)

    def _call(self, name: str, result: Any, *arguments: Any) -> Any:
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        pointer = ".p0" if name.startswith("masked") else ""
        full_name = f"llvm.{name}.v{self.lanes}f{8 * self.itemsize}{pointer}"
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, full_name), arguments)

    def _splat(self, scalar: Any, vector: Any) -> Any:
        nothing = ir.Constant(vector, ir.Undefined)
        first = self.builder.insert_element(nothing, scalar, ir.Constant(_INDEX, 0))
        zeros = ir.Constant(ir.VectorType(_INDEX, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(first, nothing, zeros)

    def _at(self, start: Any, vector: int) -> Any:
        return self.builder.add(start, _int(vector * self.vector_bytes))

    def _pointer(self, address: Any) -> Any:
        return self.builder.inttoptr(address, self.vector.as_pointer())

    def _align(self) -> Any:
        return ir.Constant(_INDEX, self.itemsize)


def _join(phi: Any, *incoming: tuple[Any, Any]) -> None:
    for value, block in incoming:
        phi.add_incoming(value, block)


def _int(value: int) -> Any:
    return ir.Constant(_INT, value)


@cache
def tile_code(dtype: Any) -> int:
    """The address of the micro-kernel for a NumPy dtype, float32 or float64; compiled once, whoever calls it."""
    return c_function(_micro_kernel, (*["int64"] * 7, f"{dtype} *", *["int64"] * 6))
