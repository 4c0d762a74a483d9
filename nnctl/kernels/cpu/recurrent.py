"""What recurrent layers share: the product with what was put out in the step before, and its gradient.

hidden: (N, T, D), of which the columns from `first` on are what the layer puts out. is_reversed: whether the last step
is the first. lengths: (N,) int64, or empty: how many steps of each sample are real.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.gemm.gemm import Codes, Pair, gemm, gemm_code, window_gemm
from nnctl.kernels.cpu.matmul import MULTIPLY_ADD
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.kernel import Array, Partition, by_item, by_row, by_sample, compiled, kernel

LEAST_SAMPLES = 8  # that a thread should take in a row: a few rows of a product take as long as one


def by_sequence(gates: Array, weight: Array, nanoseconds: float) -> Partition:
    """Samples, each of which goes through all steps. gates: (N, T, G). nanoseconds: of a gate, beside the product."""
    cost = gates.shape[1] * (MULTIPLY_ADD * weight.size + nanoseconds * gates.shape[2])
    return by_sample(len(gates), cost, LEAST_SAMPLES)


@compiled
def step_before(t: int, is_reversed: bool) -> int:
    """The step in front of t, in the direction of the layer."""
    return t + 1 if is_reversed else t - 1


@compiled
def add_product(
    begin: int, end: int, codes: Codes, source: Array, t: int, first: int, weight: Array, place: Pair, depth: int,
    target: Array, target_t: int, columns: int,
) -> None:  # fmt: skip
    """Add a product with a block of weight to a step of some samples, those from begin to end.

    target[n, target_t, :columns] += source[n, t, first : first + depth] weight[row : row + depth, column : column +
    columns], where place is (row, column). source: (N, T, S), weight: (R, W), target: (N, U, C).
    """
    size = target.itemsize
    steps, wide, target_steps, target_wide = source.shape[1], source.shape[2], target.shape[1], target.shape[2]
    row, column = place
    sums = address_of(target) + size * target_wide * (begin * target_steps + target_t)
    gemm(
        target, codes, address_of(source) + size * (wide * (begin * steps + t) + first), steps * wide, 1,
        address_of(weight) + size * (row * weight.shape[1] + column), weight.shape[1], 1,
        sums, target_steps * target_wide, sums, target_steps * target_wide, end - begin, depth, columns,
    )  # fmt: skip


@kernel(lambda weight, out: by_item(len(out), 1.0 * out.shape[1]))
def transpose(begin: int, end: int, weight: Array, out: Array) -> None:
    """out = weight^T. weight: (H, G), out: (G, H)."""
    for i in range(begin, end):
        for j in range(out.shape[1]):
            out[i, j] = weight[j, i]


def _rows(codes: Codes, hidden: Array, d_gates: Array, out: Array, columns: int, *_: Any) -> Partition:
    return by_row(len(out), MULTIPLY_ADD * d_gates.shape[0] * d_gates.shape[1] * columns, 48, out)


@kernel(_rows)
def _weight_gradient(
    begin: int, end: int, codes: Codes, hidden: Array, d_gates: Array, out: Array, columns: int, to_column: int,
    first: int, is_reversed: bool,
) -> None:  # fmt: skip
    samples, steps, wide = d_gates.shape
    size, put_out = out.itemsize, hidden.shape[2]
    if steps == 1:
        for i in range(begin, end):
            out[i, to_column : to_column + columns] = 0
        return
    earlier, later = (1, 0) if is_reversed else (0, 1)
    window_gemm(
        out, codes, address_of(hidden) + size * (earlier * put_out + first + begin), 1, steps * put_out, put_out,
        address_of(d_gates) + size * later * wide, steps * wide, wide,
        address_of(out) + size * (begin * out.shape[1] + to_column), out.shape[1], 0, 0,
        end - begin, samples, steps - 1, columns,
    )  # fmt: skip


def weight_gradient(
    hidden: Array, d_gates: Array, out: Array, columns: int, to_column: int, first: int, is_reversed: bool
) -> None:
    """Columns of out = the sum over samples and steps of what was put out in the step before, times d_gates.

    d_gates: (N, T, G), of which the first `columns` count, 0 where a step is not real; out: (H, W).
    """
    codes = gemm_code(out.dtype, columns)
    _weight_gradient(codes, hidden, d_gates, out, columns, to_column, first, is_reversed)


@kernel(lambda hidden, lengths, outputs, size: by_sample(len(outputs), 5.0 + 0.3 * outputs.shape[1]))
def last_steps(begin: int, end: int, hidden: Array, lengths: Array, outputs: Array, size: int) -> None:
    """outputs = the last step of each sample; of the columns from size on, which are reversed, the first step.

    hidden: (N, T, D), outputs: (N, D).
    """
    for n in range(begin, end):
        last = (lengths[n] if len(lengths) else hidden.shape[1]) - 1
        for j in range(outputs.shape[1]):
            outputs[n, j] = hidden[n, last if j < size else 0, j]


@kernel(lambda d_outputs, lengths, d_hidden, size: by_sample(len(d_hidden), 5.0 + 0.2 * d_hidden[0].size))
def last_steps_backward(begin: int, end: int, d_outputs: Array, lengths: Array, d_hidden: Array, size: int) -> None:
    """d_hidden = the gradient of `last_steps`, 0 at all other steps."""
    for n in range(begin, end):
        last = (lengths[n] if len(lengths) else d_hidden.shape[1]) - 1
        d_hidden[n] = 0
        for j in range(d_outputs.shape[1]):
            d_hidden[n, last if j < size else 0, j] = d_outputs[n, j]


@kernel(lambda bias, recurrent_bias, out, columns: by_item(len(out), 0.5))
def add_biases(begin: int, end: int, bias: Array, recurrent_bias: Array, out: Array, columns: int) -> None:
    """out = bias, plus recurrent_bias in the first columns. All (G,)."""
    for j in range(begin, end):
        out[j] = bias[j] + recurrent_bias[j] if j < columns else bias[j]


@kernel(lambda d_bias, d_state, d_recurrent_bias, columns: by_item(len(d_bias), 0.3 * len(d_state)))
def recurrent_bias_gradient(
    begin: int, end: int, d_bias: Array, d_state: Array, d_recurrent_bias: Array, columns: int
) -> None:
    """d_recurrent_bias = d_bias in the first columns, and the sums of d_state's rows in the others.

    d_bias, d_recurrent_bias: (G,), d_state: (N T, G - columns).
    """
    for j in range(begin, min(end, columns)):
        d_recurrent_bias[j] = d_bias[j]
    first, last = max(begin, columns), max(end, columns)
    for j in range(first, last):
        d_recurrent_bias[j] = 0
    for i in range(len(d_state)):
        for j in range(first, last):
            d_recurrent_bias[j] += d_state[i, j - columns]
