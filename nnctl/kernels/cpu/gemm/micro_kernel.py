"""The micro-kernel: one tile of a matrix product, its sums kept in vector registers.

LLVM does not keep a tile of sums in registers when it is written as loops over an array, so its vector code is
emitted here. All else about products is how operands are addressed.

    C[i, j] = D[i, j] + sum over p < outer, q < inner of A[i, p, q] B[p, q, j]     i < rows, j < columns

A is addressed by three strides; the rows of B, C and D are contiguous. The sum has two indices, since the taps of a
convolution's window have two strides. D is nothing, C itself, or a bias: a row with a stride of 0. Each element sums in
the order of (p, q), whatever the tile: its bits do not depend on where it lies.
Source: Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication"; BLIS, Van Zee and
van de Geijn 2015.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from nnctl.kernels.compiler.code import Code, emitted_function
from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import Array, compiled, int32, int64, ir
from nnctl.kernels.cpu.simd.memory import LINE_BYTES, itemsize_of
from nnctl.kernels.cpu.simd.registers import SIMD, Vectors, call_with_operands, integer, join
from nnctl.kernels.cpu.sizes import DEPTH

ROWS = SIMD.tile_rows
# vectors in a row of a tile for so few rows in all (from 1 on): more sums hide the latency of each, and more of B's row
# is read at once
WIDEST = tuple(
    max(vectors for vectors in (SIMD.tile_vectors * n for n in (1, 2, 4)) if SIMD.fits(rows, vectors))
    for rows in range(1, ROWS + 1)
)
_GROUP = 3  # rows that share an address, plus 0, 1 or 2 strides: an address for each would fill the registers

_AHEAD = 12  # rows of B that are prefetched before they are needed, where they are in a farther cache
_OPERANDS = 15


@emitted()
def micro_kernel(
    builder: Any,
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
    d: Any,
    d_row: Any,
    rows: Any,
    columns: Any,
    outer: Any,
    inner: Any,
) -> None:
    """A column of tiles. code: `micro_kernel_code` of the dtype of all. a, b, c, d: addresses; d: 0 for none.

    Strides are in elements. rows >= 1; 1 <= columns <= tile_vectors x lanes, or, where rows <= ROWS, exactly
    WIDEST[rows - 1] x lanes; outer, inner >= 1.
    """
    places, sizes = (a, a_row, a_outer, a_inner, b, b_outer, b_inner, c, c_row, d, d_row), (rows, columns, outer, inner)
    call_with_operands(builder, code, [*places, *sizes])


def micro_kernel_code(dtype: Any) -> Code:
    """The address of the micro-kernel for a NumPy dtype, float32 or float64; compiled once, whoever calls it."""
    return emitted_function(_micro_kernel, (f"{dtype} *", "int64 *"))


def _micro_kernel(like, operands):  # type: ignore[no-untyped-def]  # a compiled signature types it
    _body(like, operands)


def emit(builder: Any, like: Elements, operands: Elements) -> None:
    """operands: those of `micro_kernel` from `a` on."""
    places = [builder.gep(operands.pointer, [ir.Constant(int32(), place)]) for place in range(_OPERANDS)]
    _emit_tiles(builder, like.itemsize, places)


_body = emitted()(emit)


@compiled
def next_columns(like: Array, rows: int, columns: int) -> int:
    """Columns of the next tile. rows: in all, columns: left."""
    size: int = itemsize_of(like)
    lanes, narrow = SIMD.vector_bytes // size, SIMD.narrow_bytes // size
    widest, full = (WIDEST[rows - 1] if rows <= ROWS else 0) * lanes, SIMD.tile_vectors * lanes
    if not SIMD.mask_registers:  # leave a vector or nothing, so that the last one can overlap the one before
        if widest and (columns == widest or columns >= widest + lanes):
            return widest
        return full - lanes if full < columns < full + lanes else min(full, columns)
    if widest and columns >= widest:
        return widest
    if lanes < columns <= lanes + narrow:
        return lanes  # and the rest in a narrow tile
    return min(full, columns)


@compiled
def parts_of(depth: int) -> int:
    """In how many parts a sum of `depth` terms is made; `part * depth // parts` is the first term of each."""
    return (depth + DEPTH - 1) // DEPTH


def _emit_tiles(builder: Any, itemsize: int, places: list[Any]) -> None:
    """A loop over tiles of about the same number of rows (14 are 7 + 7), around a switch over all sizes of tile.

    places: pointers to the operands, which are loaded again for each tile: LLVM would compute all that any size of tile
    needs of them before the loop.
    """
    begin, done, end = (builder.append_basic_block(name) for name in ("begin", "done", "end"))
    before = builder.block
    all_rows, a_start, c_start, d_start = (builder.load(places[n]) for n in (11, 0, 7, 9))
    tiles, short = _ceil_div(builder, all_rows, integer(ROWS)), ir.IntType(32)
    most = _ceil_div(builder, builder.trunc(all_rows, short), builder.trunc(tiles, short))
    most = builder.zext(most, int64())
    builder.branch(begin)
    builder.position_at_end(begin)
    left, a, c, d = (builder.phi(int64()) for _ in range(4))
    rows = builder.select(builder.icmp_signed("<", left, most), left, most)
    opaque = Vectors(builder, itemsize, SIMD.vector_bytes).opaque
    arguments = [opaque(builder.load(place)) for place in places]
    arguments[0], arguments[7], arguments[9], arguments[11] = a, c, d, rows
    _Emitter(builder, itemsize, arguments, SIMD.vector_bytes).emit(done)

    builder.position_at_end(done)
    a_row, c_row, d_row = (builder.mul(opaque(builder.load(places[n])), integer(itemsize)) for n in (1, 8, 10))
    d_row = builder.select(builder.icmp_signed("!=", d_start, integer(0)), d_row, integer(0))  # 0, no D, stays 0
    next_left = builder.sub(left, rows)
    join(left, (all_rows, before), (next_left, done))
    join(a, (a_start, before), (builder.add(a, builder.mul(rows, a_row)), done))
    join(c, (c_start, before), (builder.add(c, builder.mul(rows, c_row)), done))
    join(d, (d_start, before), (builder.add(d, builder.mul(rows, d_row)), done))
    builder.cbranch(builder.icmp_signed(">", next_left, integer(0)), begin, end)
    builder.position_at_end(end)


def _ceil_div(builder: Any, number: Any, by: Any) -> Any:
    one = ir.Constant(number.type, 1)
    return builder.udiv(builder.add(number, builder.sub(by, one)), by)


class _Place(NamedTuple):
    """Where a vector of a tile's row lies, in bytes from the first, and its mask; None where it is whole."""

    offset: Any
    mask: Any = None


class _Emitter(Vectors):
    """Emits the vector code of every size of tile, and the switch between them."""

    def __init__(self, builder: Any, itemsize: int, arguments: Any, vector_bytes: int) -> None:
        super().__init__(builder, itemsize, vector_bytes)
        self.arguments = arguments
        self.a, a_row, a_outer, a_inner, self.b, b_outer, b_inner, self.c, c_row, self.d, d_row = arguments[:11]
        self.rows, self.columns, self.outer, self.inner = arguments[11:]
        strides = (a_row, a_outer, a_inner, b_outer, b_inner, c_row, d_row)
        self.a_row, self.a_outer, self.a_inner, self.b_outer, self.b_inner, self.c_row, self.d_row = (
            builder.mul(stride, integer(itemsize)) for stride in strides
        )

    def emit(self, done: Any) -> None:
        """The tiles of whole vectors and, where half a vector holds all columns, those of narrow vectors."""
        builder = self.builder
        if SIMD.narrow_bytes:
            narrow, wide = builder.append_basic_block("narrow"), builder.append_basic_block("wide")
            fits = builder.icmp_signed("<=", self.columns, integer(SIMD.narrow_bytes // self.itemsize))
            builder.cbranch(fits, narrow, wide)
            builder.position_at_end(narrow)
            _Emitter(builder, self.itemsize, self.arguments, SIMD.narrow_bytes)._switch(1, done)
            builder.position_at_end(wide)
        self._switch(SIMD.tile_vectors, done)

    def _switch(self, most_vectors: int, done: Any) -> None:
        """A block for each number of rows and vectors, with the last vector whole or not; all end in `done`."""
        builder = self.builder
        last = builder.sub(self.columns, integer(1))
        whole = builder.icmp_signed("==", builder.srem(self.columns, integer(self.lanes)), integer(0))
        vectors = builder.sdiv(last, integer(self.lanes))
        case = builder.add(builder.mul(vectors, integer(2)), builder.select(whole, integer(0), integer(1)))
        case = builder.add(builder.mul(case, integer(ROWS)), builder.sub(self.rows, integer(1)))
        impossible = builder.append_basic_block("impossible")
        switch = builder.switch(case, impossible)
        sizes = [
            (rows, vectors, masked)
            for vectors in range(1, most_vectors + 1)
            for masked in (False, True)
            for rows in range(1, ROWS + 1)
        ]
        sizes += [(rows, vectors, False) for rows, vectors in enumerate(WIDEST, 1) if vectors > most_vectors > 1]
        for row_count, vector_count, masked in sizes:
            block = builder.append_basic_block(f"tile_{row_count}x{vector_count}")
            switch.add_case(integer((2 * (vector_count - 1) + masked) * ROWS + row_count - 1), block)
            builder.position_at_end(block)
            self._tile(row_count, vector_count, masked)
            builder.branch(done)
        builder.position_at_end(impossible)
        builder.unreachable()

    def _tile(self, rows: int, count: int, masked: bool) -> None:
        builder = self.builder
        vectors = [_Place(integer(vector * self.vector_bytes)) for vector in range(count)]
        if masked:
            vectors[-1] = self._last(count)
        sums = self._sums(rows, vectors)
        with builder.if_else(builder.icmp_signed("!=", self.d, integer(0))) as (then, otherwise):
            with then:
                self._store(sums, vectors, add=True)
            with otherwise:
                self._store(sums, vectors, add=False)

    def _last(self, count: int) -> _Place:
        """Where the last vector of a row lies that is not whole. Without mask registers, a mask costs more than to
        compute some of the elements before it twice.
        """
        builder, before = self.builder, (count - 1) * self.lanes
        if before and not SIMD.mask_registers:
            first = builder.sub(self.columns, integer(self.lanes))
            return _Place(builder.mul(first, integer(self.itemsize)))
        return _Place(integer(before * self.itemsize), self.first_lanes(builder.sub(self.columns, integer(before))))

    def _sums(self, rows: int, vectors: list[_Place]) -> list[list[Any]]:
        """The two nested loops. Returns the sums, a list of vectors for each row."""
        builder = self.builder
        before = builder.block
        outer, inner, after = (builder.append_basic_block(name) for name in ("outer", "inner", "after_inner"))
        end = builder.append_basic_block("end")
        groups = range(0, rows, _GROUP)
        starts = [builder.add(self.a, builder.mul(self.a_row, integer(row))) for row in groups]
        builder.branch(outer)

        builder.position_at_end(outer)
        p, b_outer, *a_outer = (builder.phi(int64()) for _ in range(2 + len(groups)))
        outer_sums = [[builder.phi(self.vector) for _ in vectors] for _ in range(rows)]
        builder.branch(inner)

        builder.position_at_end(inner)
        q, b, *a = (builder.phi(int64()) for _ in range(2 + len(groups)))
        sums = [[builder.phi(self.vector) for _ in vectors] for _ in range(rows)]
        next_sums = self._multiply_add(a, b, sums, vectors)
        left = self._step(q, (self.inner, outer), integer(-1), inner)
        self._step(b, (b_outer, outer), self.b_inner, inner)
        for address, start in zip(a, a_outer, strict=True):
            self._step(address, (start, outer), self.a_inner, inner)
        builder.cbranch(builder.icmp_signed("!=", left, integer(0)), inner, after)

        builder.position_at_end(after)
        left = self._step(p, (self.outer, before), integer(-1), after)
        self._step(b_outer, (self.b, before), self.b_outer, after)
        for address, start in zip(a_outer, starts, strict=True):
            self._step(address, (start, before), self.a_outer, after)
        for row in range(rows):
            for vector in range(len(vectors)):
                join(outer_sums[row][vector], (self.zero, before), (next_sums[row][vector], after))
                join(sums[row][vector], (outer_sums[row][vector], outer), (next_sums[row][vector], inner))
        builder.cbranch(builder.icmp_signed("!=", left, integer(0)), outer, end)
        builder.position_at_end(end)
        return next_sums

    def _step(self, phi: Any, first: tuple[Any, Any], stride: Any, loop: Any) -> Any:
        """An integer that starts as `first` (value, block) and grows by the stride. Returns the next value."""
        grown = self.opaque(self.builder.add(phi, stride))
        join(phi, first, (grown, loop))
        return grown

    def _multiply_add(self, a: list[Any], b: Any, sums: list[list[Any]], vectors: list[_Place]) -> list[list[Any]]:
        """sums + A's column times B's row. a: the addresses of the first rows of the groups."""
        builder = self.builder
        b_vectors = [self.load(builder.add(b, offset), mask) for offset, mask in vectors]
        ahead = builder.add(b, builder.mul(self.b_inner, integer(_AHEAD)))
        for offset in range(0, len(vectors) * self.vector_bytes, LINE_BYTES):
            self.prefetch(builder.add(ahead, integer(offset)))
        finished = []
        for number, row in enumerate(sums):
            offset = builder.mul(self.a_row, integer(number % _GROUP))
            factor = self.load_splat(builder.add(a[number // _GROUP], offset))
            finished.append([self.fma(factor, b_vector, total) for b_vector, total in zip(b_vectors, row, strict=True)])
        return finished

    def _store(self, sums: list[list[Any]], vectors: list[_Place], *, add: bool) -> None:
        """All loads come first: a masked load may wait for a masked store to the neighbouring columns."""
        if add:
            sums = [
                [self.builder.fadd(self.load(*place), total) for place, total in zip(places, row, strict=True)]
                for places, row in zip(self._places(self.d, self.d_row, len(sums), vectors), sums, strict=True)
            ]
        for places, row in zip(self._places(self.c, self.c_row, len(sums), vectors), sums, strict=True):
            for place, total in zip(places, row, strict=True):
                self.store(total, *place)

    def _places(self, first: Any, stride: Any, rows: int, vectors: list[_Place]) -> list[list[tuple[Any, Any]]]:
        """Addresses and masks of the tile's vectors in a matrix."""
        starts = [self.builder.add(first, self.builder.mul(stride, integer(row))) for row in range(rows)]
        return [[(self.builder.add(start, offset), mask) for offset, mask in vectors] for start in starts]
