"""A product with one to three columns and A's rows contiguous: the lanes of a vector are rows of the result.

With so few columns a vector of B's is mostly empty. So blocks of A are turned in the registers, as many rows as a
vector has lanes and as many terms, and each column has its own sums. The terms are added in the same order as in a
tile, so that the bits are the same.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from nnctl.kernels.cpu.registers import INDEX, INT, SHAPE, Vectors, call_with_numbers, integer, join
from nnctl.kernels.jit import c_function, intrinsic, ir, types

COLUMNS = 3  # at most
VECTORS = (1, 2)  # of rows in a tile: the multiply-adds of one wait for each other
VECTOR_BYTES = min(32, SHAPE.vector_bytes)
_LINE = 64  # bytes: where rows are a power of two apart, a line is gone when the other rows have been read


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def _emitted(typing_context: Any, like: Any, numbers: Any) -> Any:
    """The body. numbers: a pointer to `thin_tile`'s operands from `a` on."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        places = [builder.gep(values[1], [ir.Constant(INDEX, place)]) for place in range(OPERANDS)]
        _Emitter(builder, like.dtype.bitwidth // 8, [builder.load(place) for place in places]).emit()
        return context.get_dummy_value()

    return types.void(like, numbers), generate


def _micro_kernel(like, numbers):  # type: ignore[no-untyped-def]  # a compiled signature types it
    _emitted(like, numbers)


OPERANDS = 8


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def thin_tile(
    typing_context: Any,
    code: Any,
    a: Any,
    a_row: Any,
    b: Any,
    b_row: Any,
    out: Any,
    vectors: Any,
    columns: Any,
    depth: Any,
) -> Any:
    """The columns of A B, one after the other. code: `thin_code` of the dtype of all. a, b, out: addresses.

    a: (vectors x lanes, depth), its columns contiguous; b: (depth, columns); out: (columns, vectors x lanes).
    Strides are in elements. vectors: one of VECTORS, columns: 1 to COLUMNS, depth: at least 1.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        call_with_numbers(builder, values[0], values[1:])
        return context.get_dummy_value()

    return types.void(*[types.intp] * (1 + OPERANDS)), generate


class _Emitter(Vectors):
    """Writes the code for each number of vectors and columns, and the switch between them."""

    def __init__(self, builder: Any, itemsize: int, arguments: Any) -> None:
        super().__init__(builder, itemsize, VECTOR_BYTES)
        self.a, a_row, self.b, b_row, self.out, self.vectors, self.columns, self.depth = arguments
        self.a_row, self.b_row = (builder.mul(stride, integer(itemsize)) for stride in (a_row, b_row))

    def emit(self) -> None:
        builder = self.builder
        done = builder.append_basic_block("done")
        case = builder.add(builder.mul(self.vectors, integer(COLUMNS + 1)), self.columns)
        switch = builder.switch(case, done)
        for vectors in VECTORS:
            for columns in range(1, COLUMNS + 1):
                block = builder.append_basic_block(f"thin_{vectors}x{columns}")
                switch.add_case(integer(vectors * (COLUMNS + 1) + columns), block)
                builder.position_at_end(block)
                self._tile(vectors, columns)
                builder.branch(done)
        builder.position_at_end(done)

    def _tile(self, vectors: int, columns: int) -> None:
        """A cache line of each row of A in a pass, then the rest of the terms one by one; sums[column][vector]."""
        builder = self.builder
        starts = [builder.add(self.a, builder.mul(self.a_row, integer(n * self.lanes))) for n in range(vectors)]
        zeros = [[self.zero] * vectors for _ in range(columns)]
        terms = _LINE // self.itemsize
        blocks = builder.sdiv(self.depth, integer(terms))
        rest = builder.sub(self.depth, builder.mul(blocks, integer(terms)))
        starts, b, sums = self._loop(blocks, terms, starts, self.b, zeros, self._turned)
        _, _, sums = self._loop(rest, 1, starts, b, sums, self._gathered)
        for column, row in enumerate(sums):
            for vector, total in enumerate(row):
                self.store(total, builder.add(self.out, integer((column * vectors + vector) * self.vector_bytes)))

    def _loop(self, count: Any, terms: int, starts: list[Any], b_start: Any, first: Any, column_of: Any) -> Any:
        """Add `terms` terms in each of `count` passes, perhaps none; returns where A and B stand then, and the sums."""
        builder = self.builder
        before = builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
        builder.branch(head)
        builder.position_at_end(head)
        left, b, *a = (builder.phi(INT) for _ in range(2 + len(starts)))
        sums = [[builder.phi(self.vector) for _ in row] for row in first]
        builder.cbranch(builder.icmp_signed(">", left, integer(0)), body, after)

        builder.position_at_end(body)
        totals = [list(row) for row in sums]
        for vector, address in enumerate(a):
            own_b = self.opaque(b)  # read again for each vector: kept in registers, they would drive out others
            for term, turned in enumerate(column_of(address)):
                for column, row in enumerate(totals):
                    row[vector] = self.fma(self.load_splat(self._b(own_b, term, column)), turned, row[vector])
        for phi, start, stride in [
            (left, count, integer(-1)),
            (b, b_start, builder.mul(self.b_row, integer(terms))),
            *((phi, start, integer(terms * self.itemsize)) for phi, start in zip(a, starts, strict=True)),
        ]:
            join(phi, (start, before), (self.opaque(builder.add(phi, stride)), body))
        for phis, begin, row in zip(sums, first, totals, strict=True):
            for phi, value, total in zip(phis, begin, row, strict=True):
                join(phi, (value, before), (total, body))
        builder.branch(head)
        builder.position_at_end(after)
        return a, b, sums

    def _b(self, b: Any, term: int, column: int) -> Any:
        row = self.builder.add(b, self.builder.mul(self.b_row, integer(term)))
        return self.builder.add(row, integer(column * self.itemsize))

    def _row(self, a: Any, row: int) -> Any:
        return self.builder.add(a, self.builder.mul(self.a_row, integer(row)))

    def _gathered(self, a: Any) -> list[Any]:
        """One term: an element of each row."""
        column = ir.Constant(self.vector, ir.Undefined)
        for row in range(self.lanes):
            pointer = self.builder.inttoptr(self._row(a, row), self.element.as_pointer())
            element = self.builder.load(pointer, align=self.itemsize)
            column = self.builder.insert_element(column, element, ir.Constant(INDEX, row))
        return [column]

    def _turned(self, a: Any) -> list[Any]:
        """A cache line of terms: columns of A. Pieces of 16 bytes are put together from rows, then turned alone."""
        part = 16 // self.itemsize
        columns = []
        for chunk in range(0, _LINE // self.itemsize, part):
            rows = []
            for row in range(part):
                places = [self._row(a, row + group) for group in range(0, self.lanes, part)]
                pieces = [
                    self._piece(self.builder.add(place, integer(chunk * self.itemsize)), part) for place in places
                ]
                rows.append(
                    pieces[0] if len(pieces) == 1 else self.shuffle(pieces[0], pieces[1], list(range(self.lanes)))
                )
            columns += self._turned_pieces(rows, part)
        return columns

    def _turned_pieces(self, rows: list[Any], part: int) -> list[Any]:
        if part == 2:
            return [self._mix(rows[0], rows[1], [0, 2], 2), self._mix(rows[0], rows[1], [1, 3], 2)]
        low, high = (
            [self._mix(rows[n], rows[n + 1], take, 4) for n in (0, 2)] for take in ([0, 4, 1, 5], [2, 6, 3, 7])
        )
        return [self._mix(one, two, take, 4) for one, two in (low, high) for take in ([0, 1, 4, 5], [2, 3, 6, 7])]

    def _mix(self, one: Any, two: Any, take: list[int], part: int) -> Any:
        """The same in each 16 bytes: element n of `one`, or part + n of `two`."""
        indices = [n % part + group + (n // part) * self.lanes for group in range(0, self.lanes, part) for n in take]
        return self.shuffle(one, two, indices)

    def _piece(self, address: Any, part: int) -> Any:
        pointer = self.builder.inttoptr(address, ir.VectorType(self.element, part).as_pointer())
        return self.builder.load(pointer, align=self.itemsize)


@cache
def thin_code(dtype: Any) -> int:
    """The address of the code for a NumPy dtype, float32 or float64."""
    return c_function(_micro_kernel, (f"{dtype} *", "int64 *"))
