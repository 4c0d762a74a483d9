"""A product with one to four columns and A's rows contiguous: a scalar product for each element of the result.

With so few columns a vector of B's is mostly empty, so the lanes of vectors are terms of the sum. They are added in
strands, and these in a tree: the same ones on every processor, whatever the rows around.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from nnctl.kernels.compiler.jit import c_function, intrinsic, ir, types
from nnctl.kernels.cpu.simd.registers import INDEX, INT, SHAPE, Vectors, call_with_numbers, in_a_tree, integer, join

COLUMNS = 4  # at most
STRAND_BYTES = 128  # of terms that are added side by side
LEAST = (1, 1, 1, 2)  # terms of a strand, by the number of columns, below which tiles are faster
_PARTS = STRAND_BYTES // SHAPE.vector_bytes  # vectors that hold the strands of one sum
# rows of a tile, by the number of columns: as many as the registers have room for
ROWS = (4, 4, 4, 3) if SHAPE.vector_bytes == 64 else (1, 1, 1, 1)


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


OPERANDS = 11


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def thin_tile(
    typing_context: Any,
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
) -> Any:
    """C = D + A B, for any number of rows. code: `thin_code` of the dtype of all. a, b, c, d: addresses; d: 0 for none.

    a: (rows, depth) and the columns of b, (depth, columns), are contiguous; so are the rows of c and d. Strides are in
    elements. columns: 1 to COLUMNS, depth: at least 1.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        call_with_numbers(builder, values[0], values[1:])
        return context.get_dummy_value()

    return types.void(*[types.intp] * (1 + OPERANDS)), generate


class _Emitter(Vectors):
    """Writes the code for each number of columns, and the switch between them."""

    def __init__(self, builder: Any, itemsize: int, arguments: Any) -> None:
        super().__init__(builder, itemsize, SHAPE.vector_bytes)
        strides = (1, 3, 5, 7)
        values = [builder.mul(value, integer(itemsize)) if n in strides else value for n, value in enumerate(arguments)]
        self.a, self.a_row, self.b, self.b_column, self.c, self.c_row, self.d, self.d_row, *counts = values
        self.rows, self.columns, self.depth = counts

    def emit(self) -> None:
        builder = self.builder
        done = builder.append_basic_block("done")
        switch = builder.switch(self.columns, done)
        for columns in range(1, COLUMNS + 1):
            block = builder.append_basic_block(f"thin_{columns}")
            switch.add_case(integer(columns), block)
            builder.position_at_end(block)
            left = self.rows
            first: Any = integer(0)
            for height in dict.fromkeys((ROWS[columns - 1], 1)):
                first, left = self._tiles(first, left, height, columns)
            builder.branch(done)
        builder.position_at_end(done)

    def _tiles(self, first: Any, left: Any, height: int, columns: int) -> tuple[Any, Any]:
        """Tiles of so many rows, as long as there are as many left; returns the next row, and how many are left."""
        builder, before = self.builder, self.builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("rows", "tile", "fewer"))
        builder.branch(head)
        builder.position_at_end(head)
        row, rest = builder.phi(INT), builder.phi(INT)
        builder.cbranch(builder.icmp_signed(">=", rest, integer(height)), body, after)
        builder.position_at_end(body)
        self._tile(row, height, columns)
        following = self.opaque(builder.add(row, integer(height))), builder.sub(rest, integer(height))
        join(row, (first, before), (following[0], builder.block))
        join(rest, (left, before), (following[1], builder.block))
        builder.branch(head)
        builder.position_at_end(after)
        return row, rest

    def _tile(self, row: Any, height: int, columns: int) -> None:
        builder = self.builder
        a = [self._at(self.a, builder.add(row, integer(n)), self.a_row) for n in range(height)]
        b = [self._at(self.b, integer(n), self.b_column) for n in range(columns)]
        terms = _PARTS * self.lanes
        whole = builder.and_(self.depth, integer(-terms))
        end = builder.mul(whole, integer(self.itemsize))
        before, (head, body, after, some, done) = builder.block, (builder.append_basic_block() for _ in range(5))
        builder.branch(head)

        builder.position_at_end(head)
        at = builder.phi(INT)
        sums = [builder.phi(self.vector) for _ in range(height * columns * _PARTS)]
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
            for column in range(columns):
                own = ends[(n * columns + column) * _PARTS :][:_PARTS]
                self._put(self._sum(own), builder.add(row, integer(n)), column)

    def _added(self, a: list[Any], b: list[Any], at: Any, sums: list[Any], left: Any = None) -> list[Any]:
        """The sums with the terms from this offset on: of all strands, or of as many as are left."""
        builder, found = self.builder, list(sums)
        ahead = builder.mul(self.a_row, integer(len(a)))  # the rows of the next tile, which the processor cannot guess
        for part in range(_PARTS):
            offset, mask = builder.add(at, integer(part * self.vector_bytes)), None
            if left is not None:
                mask = self.first_lanes(self._between(builder.sub(left, integer(part * self.lanes)), 0, self.lanes))
            factors = [self.load(builder.add(column, offset), mask) for column in b]
            for n, start in enumerate(a):
                place = builder.add(start, offset)
                if mask is None:
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
        """The strands of one sum, added in a tree."""
        total, lanes = in_a_tree(self.builder, parts), self.lanes
        while lanes > 1:
            lanes //= 2
            other = [lane + lanes if lane < lanes else lane for lane in range(self.lanes)]
            total = self.builder.fadd(total, self.shuffle(total, total, other))
        return self.builder.extract_element(total, ir.Constant(INDEX, 0))

    def _put(self, total: Any, row: Any, column: int) -> None:
        """total to its place in C, plus the element of D, if there is one."""
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


@cache
def thin_code(dtype: Any) -> int:
    """The address of the code for a NumPy dtype, float32 or float64."""
    return c_function(_micro_kernel, (f"{dtype} *", "int64 *"))
