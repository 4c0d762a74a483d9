"""The transpose of a matrix, in square blocks that are turned in vector registers."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.registers import SHAPE, Vectors, integer
from nnctl.kernels.jit import intrinsic, types
from nnctl.kernels.kernel import Array, compiled, kernel, shared

LEAST_ROWS = 48  # in a row: whole blocks, whatever the vectors


@compiled
def transpose_rows(a: Array, first: int, last: int, out: Array) -> None:
    """out[:, first:last] = a[first:last]^T. a: (M, N), out: (N, M)."""
    rows, columns = a.shape
    lanes = SHAPE.vector_bytes // a.itemsize
    for top in range(first, last, lanes):
        whole = columns // lanes * lanes if top + lanes <= last else 0
        for left in range(0, whole, lanes):
            _turn(a, top * columns + left, out, left * rows + top)
        for j in range(whole, columns):
            for i in range(top, min(top + lanes, last)):
                out[j, i] = a[i, j]


@kernel(lambda a, out: shared(len(a), 0.15 * a.shape[1], LEAST_ROWS))
def transpose(begin: int, end: int, a: Array, out: Array) -> None:
    """out = a^T. a: (M, N), out: (N, M)."""
    transpose_rows(a, begin, end, out)


@intrinsic  # type: ignore[untyped-decorator]  # numba ships no types
def _turn(typing_context: Any, a: Any, a_start: Any, out: Any, out_start: Any) -> Any:
    """Transpose the square block of as many rows as a vector has lanes. Starts: of the blocks, in elements."""
    itemsize = a.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vectors = Vectors(builder, itemsize, SHAPE.vector_bytes)
        places = []
        for kind, array, start in zip(signature.args[::2], values[::2], values[1::2], strict=True):
            struct = context.make_array(kind)(context, builder, array)
            offset = builder.mul(start, integer(itemsize))
            row = builder.extract_value(struct.strides, 0)
            first = builder.add(builder.ptrtoint(struct.data, offset.type), offset)
            places.append([builder.add(first, builder.mul(row, integer(n))) for n in range(vectors.lanes)])
        block = [vectors.load(place) for place in places[0]]
        for turned, place in zip(_turned(vectors, block), places[1], strict=True):
            vectors.store(turned, place)
        return context.get_dummy_value()

    return types.void(a, types.intp, out, types.intp), generate


def _turned(vectors: Vectors, block: list[Any]) -> list[Any]:
    """Swap the corners of the block, then those of its quarters, and so on down to single elements."""
    lanes = len(block)
    half = lanes // 2
    while half:
        low = [lane if not lane & half else lanes + lane - half for lane in range(lanes)]
        high = [lane + half if not lane & half else lanes + lane for lane in range(lanes)]
        for row in range(lanes):
            if not row & half:
                upper, lower = block[row], block[row + half]
                block[row] = vectors.shuffle(upper, lower, low)
                block[row + half] = vectors.shuffle(upper, lower, high)
        half //= 2
    return block
