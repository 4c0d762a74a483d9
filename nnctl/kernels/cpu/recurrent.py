"""What recurrent layers share: products, and how their arrays lie in memory.

A thread takes some samples through all of the steps, so that threads need not meet at each of them. Scratch is in the
order of the steps, and gate by gate, so that loops over a gate of these samples are long. H is `size`:

- gates: (T, G, N H), first what the inputs, the step before and the biases add up to, then the gates, then their
  gradients.
- hidden, state and their like: (T, N H).
- carried: (C, N H), gradients that go from a step to the one before.

Weights are (in, G H), gate by gate; transposed they are (G H, in). lengths: (N,) int64, or empty: how many steps of
each sample are real; at the others everything is 0. is_reversed: whether the last step is the first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnctl.kernels.cpu.gemm.gemm import Codes, gemm, gemm_code, window_gemm
from nnctl.kernels.cpu.matmul import MULTIPLY_ADD
from nnctl.kernels.cpu.simd.exp import logistic
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.kernel import Array, Partition, by_item, by_sample, compiled, kernel

ACTIVATION = 0.8  # nanoseconds, roughly
LEAST_SAMPLES = 8  # that a thread should take in a row: a few rows of a product take as long as one
_ROWS = 48  # of a weight's gradient, of an item

Rows = tuple[int, int, int, int]
"""Of a step: the address of the first, the elements from one to the next, how many there are, and their length."""


def by_sequence(codes: Codes, size: int, gates: Array, weight: Array, *_: Any) -> Partition:
    """Samples, each of which goes through all steps. weight: (in, G H), beside the recurrent one, or (G H, out)."""
    steps, count, wide = gates.shape
    terms = size + weight.size // (count * size)
    return by_sample(wide // size, steps * count * size * (MULTIPLY_ADD * terms + ACTIVATION), LEAST_SAMPLES)


@compiled
def place_of(step: int, steps: int, is_reversed: bool) -> int:
    """Which step of the sequence is taken as this one."""
    return steps - 1 - step if is_reversed else step


@compiled
def rows_of_step(values: Array, size: int, t: int, begin: int, end: int) -> Rows:
    """Of the samples from begin to end. values: (T, N H)."""
    start = address_of(values) + values.itemsize * (t * values.shape[1] + begin * size)
    return start, size, end - begin, size


@compiled
def rows_of_gate(gates: Array, size: int, t: int, gate: int, begin: int, end: int) -> Rows:
    """Of the samples from begin to end. gates: (T, G, N H)."""
    start = (t * gates.shape[1] + gate) * gates.shape[2] + begin * size
    return address_of(gates) + gates.itemsize * start, size, end - begin, size


@compiled
def rows_of_samples(values: Array, t: int, begin: int, end: int) -> Rows:
    """Of the samples from begin to end. values: (N, T, F)."""
    _, steps, size = values.shape
    return address_of(values) + values.itemsize * size * (begin * steps + t), steps * size, end - begin, size


@compiled
def multiply(codes: Codes, a: Rows, weight: Array, row: int, column: int, plus: int, plus_row: int, c: Rows) -> None:
    """C = D + A times the block of weight that begins at this row and column. plus: the address of D, 0 for none."""
    start, wide = address_of(weight) + weight.itemsize * (row * weight.shape[1] + column), weight.shape[1]
    gemm(weight, codes, a[0], a[1], 1, start, wide, 1, c[0], c[1], plus, plus_row, c[2], a[3], c[3])


@compiled
def add_inputs(
    codes: Codes, inputs: Rows, weight: Array, bias: Array, hidden: Rows, recurrent: Array, column: int, out: Rows,
    is_first: bool,
) -> None:  # fmt: skip
    """What a gate is before its activation. hidden: what was put out in the step before, if this is not the first."""
    own = address_of(bias) + bias.itemsize * column if len(bias) else 0
    multiply(codes, inputs, weight, 0, column, own, 0, out)
    if not is_first:
        multiply(codes, hidden, recurrent, 0, column, out[0], out[1], out)


@compiled
def clear(values: Array, size: int, lengths: Array, t: int, begin: int, end: int) -> None:
    """Set the rows of the samples that have no such step to 0. values: (N H,)."""
    for n in range(begin, end if len(lengths) else begin):
        if t >= lengths[n]:
            values[n * size : (n + 1) * size] = 0


@compiled
def to_logistic(values: Array) -> None:
    """In place."""
    for j in range(len(values)):
        values[j] = logistic(values[j])


@compiled
def add_to(values: Array, others: Array) -> None:
    """In place."""
    for j in range(len(values)):
        values[j] += others[j]


@kernel(lambda weight, out: by_item(len(out), 1.0 * out.shape[1]))
def transpose(begin: int, end: int, weight: Array, out: Array) -> None:
    """out = weight^T."""
    for i in range(begin, end):
        for j in range(out.shape[1]):
            out[i, j] = weight[j, i]


@kernel(by_sequence)
def _input_gradient(
    begin: int, end: int, codes: Codes, size: int, d_gates: Array, transposed: Array, d_inputs: Array, adds: bool
) -> None:
    for t in range(len(d_gates)):
        target = rows_of_samples(d_inputs, t, begin, end)
        for gate in range(d_gates.shape[1]):
            own, plus = rows_of_gate(d_gates, size, t, gate, begin, end), target[0] if adds or gate else 0
            multiply(codes, own, transposed, gate * size, 0, plus, target[1], target)


def input_gradient(d_gates: Array, size: int, transposed: Array, d_inputs: Array, *, adds: bool) -> None:
    """d_inputs, (N, T, F), from d_gates, (T, G, N H). transposed: of the weight, (G H, F). adds: to what is there."""
    _input_gradient(gemm_code(d_inputs.dtype, d_inputs.shape[2]), size, d_gates, transposed, d_inputs, adds)


def _by_gate(
    codes: Codes, source: Array, strides: Any, gates: Array, size: int, place: Any, out: Array, one: Array
) -> Partition:
    items = -(-len(out) // _ROWS)
    return Partition(place[2] * items, MULTIPLY_ADD * len(gates) * gates.shape[2] * len(out) / items)


@kernel(_by_gate)
def _gradient(
    begin: int, end: int, codes: Codes, source: Array, strides: tuple[int, int, int], gates: Array, size: int,
    place: tuple[int, int, int, int], out: Array, one: Array,
) -> None:  # fmt: skip
    first, outer, inner = strides
    later, steps, _, column = place
    _, count, step = gates.shape
    items, itemsize, wide = (len(out) + _ROWS - 1) // _ROWS, out.itemsize, out.shape[1]
    for item in range(begin, end):
        gate, row = item // items, item % items * _ROWS
        rows, left = min(_ROWS, len(out) - row), column + gate * size
        if steps == 0:
            for i in range(row, row + rows):
                out[i, left : left + size] = 0
            continue
        a, a_row = address_of(source) + itemsize * (first + row), 1
        if len(one):
            a, a_row = address_of(one), 0
        window_gemm(
            out, codes, a, a_row, outer, inner, address_of(gates) + itemsize * step * (later * count + gate),
            count * step, size, address_of(out) + itemsize * (row * wide + left), wide, 0, 0,
            rows, steps, step // size, size,
        )  # fmt: skip


def input_weight_gradient(inputs: Array, d_gates: Array, d_weight: Array, d_bias: Array | None) -> None:
    """inputs: (N, T, F), d_gates: (T, G, N H), 0 where a step is not real; d_weight: (F, G H), d_bias: (G H,)."""
    _, steps, features = inputs.shape
    size = d_weight.shape[1] // d_gates.shape[1]
    codes, place = gemm_code(d_weight.dtype, size), (0, steps, d_gates.shape[1], 0)
    _gradient(codes, inputs, (0, features, steps * features), d_gates, size, place, d_weight, _NONE[d_weight.dtype])
    if d_bias is not None:
        bias_gradient(d_gates, d_bias)


def recurrent_weight_gradient(
    hidden: Array, d_gates: Array, size: int, gates: int, d_weight: Array, column: int, is_reversed: bool
) -> None:
    """The columns of d_weight from `column` on, as many as the first gates of d_gates have.

    hidden: (T, N H), what was put out; d_gates: (T, G, N H), 0 where a step is not real.
    """
    steps, wide = hidden.shape
    earlier, later = (1, 0) if is_reversed else (0, 1)
    codes, place = gemm_code(d_weight.dtype, size), (later, steps - 1, gates, column)
    _gradient(codes, hidden, (earlier * wide, wide, size), d_gates, size, place, d_weight, _NONE[d_weight.dtype])


def bias_gradient(d_gates: Array, d_bias: Array) -> None:
    """d_bias: the sums of d_gates over steps and samples, gate by gate. d_gates: (T, G, N H), d_bias: (G H,)."""
    steps, gates, _ = d_gates.shape
    size = len(d_bias) // gates
    codes, place = gemm_code(d_bias.dtype, size), (0, steps, gates, 0)
    _gradient(codes, d_gates, (0, 0, 0), d_gates, size, place, d_bias.reshape(1, -1), _ONE[d_bias.dtype])


@kernel(lambda bias, recurrent_bias, out, columns: by_item(len(out), 0.5))
def add_biases(begin: int, end: int, bias: Array, recurrent_bias: Array, out: Array, columns: int) -> None:
    """out = bias, plus recurrent_bias in the first columns. All (G H,)."""
    for j in range(begin, end):
        out[j] = bias[j] + recurrent_bias[j] if j < columns else bias[j]


@kernel(lambda source, target: by_item(len(source), 0.5))
def copy_bias(begin: int, end: int, source: Array, target: Array) -> None:
    """target = source. Both (G H,)."""
    for j in range(begin, end):
        target[j] = source[j]


def _elements(samples: Array, steps: Array, *_: Any) -> Partition:
    return by_sample(len(samples), 5.0 + 0.3 * steps.size / len(samples))


@kernel(_elements)
def write_sequence(begin: int, end: int, outputs: Array, hidden: Array, size: int, first: int) -> None:
    """outputs[:, :, first : first + H] = hidden. outputs: (N, T, D), hidden: (T, N H)."""
    for n in range(begin, end):
        for t in range(len(hidden)):
            for j in range(size):
                outputs[n, t, first + j] = hidden[t, n * size + j]


@kernel(_elements)
def read_sequence(begin: int, end: int, d_outputs: Array, d_hidden: Array, size: int, first: int) -> None:
    """The reverse of `write_sequence`."""
    for n in range(begin, end):
        for t in range(len(d_hidden)):
            for j in range(size):
                d_hidden[t, n * size + j] = d_outputs[n, t, first + j]


@kernel(_elements)
def write_last(
    begin: int, end: int, outputs: Array, hidden: Array, size: int, lengths: Array, first: int, is_reversed: bool
) -> None:
    """outputs[:, first : first + H] = the last step that is taken. outputs: (N, D), hidden: (T, N H)."""
    for n in range(begin, end):
        last = 0 if is_reversed else (lengths[n] if len(lengths) else len(hidden)) - 1
        for j in range(size):
            outputs[n, first + j] = hidden[last, n * size + j]


@kernel(_elements)
def read_last(
    begin: int, end: int, d_outputs: Array, d_hidden: Array, size: int, lengths: Array, first: int, is_reversed: bool
) -> None:
    """d_hidden = the gradient of `write_last`, 0 at all other steps."""
    for t in range(len(d_hidden)):
        d_hidden[t, begin * size : end * size] = 0
    for n in range(begin, end):
        last = 0 if is_reversed else (lengths[n] if len(lengths) else len(d_hidden)) - 1
        for j in range(size):
            d_hidden[last, n * size + j] = d_outputs[n, first + j]


_ONE = {np.dtype(name): np.ones(1, name) for name in ("float32", "float64")}
_NONE = {np.dtype(name): np.zeros(0, name) for name in ("float32", "float64")}
