"""C = D + A B for up to four columns, where A's rows are contiguous: a dot product for each element.

With so few columns a vector of B's row is mostly empty, so the lanes of vectors are terms of the sum. They are added in
several accumulators, and these by a pairwise sum, the same on every processor, whatever the rows around.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.compiler.code import Code, emitted_function
from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import Array, compiled, inlined, int32, int64, ir
from nnctl.kernels.cpu.simd.memory import LINE_BYTES, Matrix, at, copy_element, itemsize_of, stack_buffer
from nnctl.kernels.cpu.simd.registers import (
    SIMD,
    Vectors,
    call_with_operands,
    integer,
    join,
    pairwise_sum,
)
from nnctl.kernels.cpu.sizes import DOT_PRODUCT_COLUMNS

_ACCUMULATOR_BYTES = 128  # of the accumulators of one sum
_MIN_TERMS = (1, 1, 1, 2)  # of an accumulator, by the number of columns, below which the micro-kernel is faster
_PARTS = _ACCUMULATOR_BYTES // SIMD.vector_bytes  # vectors of the accumulators of one sum
_ROWS = (4, 4, 4, 3) if SIMD.vector_bytes == 64 else (1, 1, 1, 1)  # of a tile that fits the registers, by columns
_COLUMNS = (SIMD.registers - 2) // _PARTS  # whose sums, with one vector of A and one of B, fit the registers
_B_BYTES = 1 << 14  # of a contiguous copy of B's columns


@compiled
def are_faster(like: Array, code: int, a_column: int, depth: int, columns: int) -> bool:
    """Whether to compute elements as dot products. code: `dot_product_code`, 0 where there are too many columns."""
    accumulators = _ACCUMULATOR_BYTES // itemsize_of(like)
    return code != 0 and a_column == 1 and depth >= accumulators * _MIN_TERMS[columns - 1]


@inlined
def multiply_by_dot_products(
    like: Array, code: int, a: Matrix, b: Matrix, c: Matrix, d: Matrix, rows: int, depth: int, columns: int
) -> None:
    """C = D + A B for up to DOT_PRODUCT_COLUMNS columns. code: `dot_product_code`. The rows of A are contiguous."""
    size = itemsize_of(like)
    copied = stack_buffer(like, _B_BYTES)
    most = _B_BYTES // (DOT_PRODUCT_COLUMNS * 8)  # terms at a time
    for k in range(0, depth, most):
        terms = min(most, depth - k)
        source, step = at(like, b, k, 0), b.column
        if b.row != 1:
            for term in range(terms):
                for column in range(columns):
                    copy_element(like, at(like, b, k + term, column), copied + size * (column * terms + term), 0)
            source, step = copied, terms
        plus = c if k > 0 else d
        _dot_products(
            code, at(like, a, 0, k), a.row, source, step, c.start, c.row, plus.start, plus.row, rows, columns, terms
        )


_OPERANDS = 11


@emitted()
def _dot_products(
    builder: Any,
    code: Any,
    a: Any,
    a_row: Any,
    b: Any,
    b_column: Any,
    c: Any,
    c_row: Any,
    d: Any,
    d_row: Any,
    rows: Any,
    columns: Any,
    depth: Any,
) -> None:
    """C = D + A B, for any number of rows. code: `dot_product_code` of the dtype. a, b, c, d: addresses; d: 0 for none.

    a: (rows, depth), b: (depth, columns), whose columns are contiguous; so are the rows of the others. Strides are in
    elements. columns: 1 to DOT_PRODUCT_COLUMNS, depth: at least 1.
    """
    call_with_operands(builder, code, [a, a_row, b, b_column, c, c_row, d, d_row, rows, columns, depth])


def dot_product_code(dtype: Any) -> Code:
    """The code for a NumPy dtype, float32 or float64."""
    return emitted_function(_dot_products_of, (f"{dtype} *", "int64 *"))


def _dot_products_of(like, operands):  # type: ignore[no-untyped-def]  # a compiled signature types it
    _body(like, operands)


def emit(builder: Any, like: Elements, operands: Elements) -> None:
    """operands: those of `_dot_products` from `a` on."""
    places = [builder.gep(operands.pointer, [ir.Constant(int32(), place)]) for place in range(_OPERANDS)]
    _Emitter(builder, like.itemsize, [builder.load(place) for place in places]).emit()


_body = emitted()(emit)


class _Emitter(Vectors):
    """Emits the code for each number of columns, and the switch between them."""

    def __init__(self, builder: Any, itemsize: int, arguments: Any) -> None:
        super().__init__(builder, itemsize, SIMD.vector_bytes)
        strides = (1, 3, 5, 7)
        values = [builder.mul(value, integer(itemsize)) if n in strides else value for n, value in enumerate(arguments)]
        self.a, self.a_row, self.b, self.b_column, self.c, self.c_row, self.d, self.d_row, *counts = values
        self.rows, self.columns, self.depth = counts

    def emit(self) -> None:
        builder = self.builder
        done = builder.append_basic_block("done")
        switch = builder.switch(self.columns, done)
        for columns in range(1, DOT_PRODUCT_COLUMNS + 1):
            block = builder.append_basic_block(f"columns_{columns}")
            switch.add_case(integer(columns), block)
            builder.position_at_end(block)
            left = self.rows
            first: Any = integer(0)
            for height in dict.fromkeys((_ROWS[columns - 1], 1)):
                first, left = self._tiles(first, left, height, columns)
            builder.branch(done)
        builder.position_at_end(done)

    def _tiles(self, first: Any, left: Any, height: int, columns: int) -> tuple[Any, Any]:
        """Tiles of `height` rows while as many are left. Returns the next row, and how many are left."""
        builder, before = self.builder, self.builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("rows", "tile", "fewer"))
        builder.branch(head)
        builder.position_at_end(head)
        row, rest = builder.phi(int64()), builder.phi(int64())
        builder.cbranch(builder.icmp_signed(">=", rest, integer(height)), body, after)
        builder.position_at_end(body)
        groups = -(-columns // _COLUMNS)
        for group in range(groups):
            self._tile(row, height, group * columns // groups, (group + 1) * columns // groups)
        following = self.opaque(builder.add(row, integer(height))), builder.sub(rest, integer(height))
        join(row, (first, before), (following[0], builder.block))
        join(rest, (left, before), (following[1], builder.block))
        builder.branch(head)
        builder.position_at_end(after)
        return row, rest

    def _tile(self, row: Any, height: int, first_column: int, last_column: int) -> None:
        builder, columns = self.builder, range(first_column, last_column)
        a = [self._at(self.a, builder.add(row, integer(n)), self.a_row) for n in range(height)]
        b = [self._at(self.b, integer(n), self.b_column) for n in columns]
        terms = _PARTS * self.lanes
        whole = builder.and_(self.depth, integer(-terms))
        end = builder.mul(whole, integer(self.itemsize))
        before, (head, body, after, some, done) = builder.block, (builder.append_basic_block() for _ in range(5))
        builder.branch(head)

        builder.position_at_end(head)
        at = builder.phi(int64())
        sums = [builder.phi(self.vector) for _ in range(height * len(b) * _PARTS)]
        builder.cbranch(builder.icmp_signed("<", at, end), body, after)

        builder.position_at_end(body)
        more = self._added(a, b, at, sums)
        join(at, (integer(0), before), (self.opaque(builder.add(at, integer(terms * self.itemsize))), body))
        for total, next_total in zip(sums, more, strict=True):
            join(total, (self.zero, before), (next_total, body))
        builder.branch(head)

        builder.position_at_end(after)
        left = builder.sub(self.depth, whole)
        builder.cbranch(builder.icmp_signed(">", left, integer(0)), some, done)
        builder.position_at_end(some)
        last = self._added(a, b, end, sums, left)
        builder.branch(done)

        builder.position_at_end(done)
        ends = [join(builder.phi(self.vector), (x, after), (y, some)) for x, y in zip(sums, last, strict=True)]
        for n in range(height):
            for place, column in enumerate(columns):
                own = ends[(n * len(b) + place) * _PARTS :][:_PARTS]
                self._store(self._sum(own), builder.add(row, integer(n)), column)

    def _added(self, a: list[Any], b: list[Any], at: Any, sums: list[Any], left: Any = None) -> list[Any]:
        """The sums plus the terms from this offset on: one for each accumulator, or as many as are left."""
        builder, found = self.builder, list(sums)
        ahead = builder.mul(
            self.a_row, integer(len(a))
        )  # the rows of the next tile, which no hardware prefetcher guesses
        for part in range(_PARTS):
            offset, mask = builder.add(at, integer(part * self.vector_bytes)), None
            if left is not None:
                mask = self.first_lanes(self._between(builder.sub(left, integer(part * self.lanes)), 0, self.lanes))
            factors = [self.load(builder.add(column, offset), mask) for column in b]
            for n, start in enumerate(a):
                place = builder.add(start, offset)
                if mask is None and part * self.vector_bytes % LINE_BYTES == 0:
                    self.prefetch(builder.add(place, ahead))
                terms = self.load(place, mask)
                for column, factor in enumerate(factors):
                    own = (n * len(b) + column) * _PARTS + part
                    found[own] = self.fma(terms, factor, found[own])
        return found

    def _between(self, value: Any, low: int, high: int) -> Any:
        builder = self.builder
        value = builder.select(builder.icmp_signed("<", value, integer(low)), integer(low), value)
        return builder.select(builder.icmp_signed("<", value, integer(high)), value, integer(high))

    def _sum(self, parts: list[Any]) -> Any:
        """The pairwise sum of the accumulators of one sum."""
        return self.sum_of_lanes(pairwise_sum(self.builder, parts))

    def _store(self, total: Any, row: Any, column: int) -> None:
        """Store total in C, plus the element of D, if there is a D."""
        builder, pointer = self.builder, self.element.as_pointer()
        given = builder.icmp_signed("!=", self.d, integer(0))
        offset = integer(column * self.itemsize)
        place = builder.add(self._at(self.c, row, self.c_row), offset)
        addend = builder.select(given, builder.add(self._at(self.d, row, self.d_row), offset), place)
        read = builder.load(builder.inttoptr(addend, pointer), align=self.itemsize)
        result = builder.select(given, builder.fadd(read, total), total)
        builder.store(result, builder.inttoptr(place, pointer), align=self.itemsize)

    def _at(self, start: Any, number: Any, stride: Any) -> Any:
        return self.builder.add(start, self.builder.mul(number, stride))
