"""The processor's peak: multiply-adds on sums that stay in registers, with nothing to load or store."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import cgutils, ir
from nnctl.kernels.cpu.simd.registers import SIMD
from nnctl.kernels.kernel import Array, by_item, kernel

SUMS = SIMD.tile_rows * SIMD.tile_vectors  # as the largest tile has: enough to hide the latency of a multiply-add
MULTIPLY_ADDS = 0.3 * SUMS  # nanoseconds of one multiply-add of each sum, roughly


@kernel(lambda totals, factor, iterations: by_item(totals.size, MULTIPLY_ADDS * iterations))
def multiply_add(begin: int, end: int, totals: Array, factor: float, iterations: int) -> None:
    """`iterations` x `multiply_adds(itemsize)` multiply-adds for each of the totals, in their dtype. totals: (N,).

    An iteration replaces each sum by sum x factor + factor. The compiler must not know the factor; with 1, each total
    becomes the number of its multiply-adds. iterations >= 1.
    """
    for i in range(begin, end):
        totals[i] = _total(totals, totals.dtype.type(factor), iterations)


def multiply_adds(itemsize: int) -> int:
    """Multiply-adds of one iteration: one in every lane of every sum. itemsize: bytes of an element."""
    return SUMS * SIMD.vector_bytes // itemsize


@emitted(lambda like, *_: like.dtype)
def _total(builder: Any, like: Elements, factor: Any, iterations: Any) -> Any:
    """How much all sums have grown after so many iterations. like: an array of the dtype of the sums."""
    bits, lanes = 8 * like.itemsize, SIMD.vector_bytes // like.itemsize
    element = ir.FloatType() if bits == 32 else ir.DoubleType()
    vector, integer = ir.VectorType(element, lanes), ir.IntType(64)
    before, loop, after = builder.block, *(builder.append_basic_block(name) for name in ("loop", "after"))
    factors = ir.Constant(vector, ir.Undefined)
    for lane in range(lanes):
        factors = builder.insert_element(factors, factor, ir.Constant(integer, lane))
    starts = [ir.Constant(vector, [float(number)] * lanes) for number in range(SUMS)]  # equal sums become one
    builder.branch(loop)

    builder.position_at_end(loop)
    left, *sums = builder.phi(integer), *(builder.phi(vector) for _ in starts)
    next_sums = [_multiply_add(builder, f"v{lanes}f{bits}", total, factors) for total in sums]
    next_left = builder.sub(left, ir.Constant(integer, 1))
    for phi, first, following in zip((left, *sums), (iterations, *starts), (next_left, *next_sums), strict=True):
        phi.add_incoming(first, before)
        phi.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed(">", next_left, ir.Constant(integer, 0)), loop, after)

    builder.position_at_end(after)
    total = ir.Constant(element, 0.0)
    for end, start in zip(next_sums, starts, strict=True):
        growth = builder.fsub(end, start)
        for lane in range(lanes):
            total = builder.fadd(total, builder.extract_element(growth, ir.Constant(integer, lane)))
    return total


def _multiply_add(builder: Any, kind: str, total: Any, factors: Any) -> Any:
    """total x factors + factors, rounded once where the processor can."""
    if not SIMD.fma:
        return builder.fadd(builder.fmul(total, factors), factors)
    fma = ir.FunctionType(total.type, [total.type] * 3)
    return builder.call(
        cgutils.get_or_insert_function(builder.module, fma, f"llvm.fma.{kind}"), [total, factors, factors]
    )
