"""A long short-term memory through all steps of a sequence, both directions.

A thread takes some samples through all of the steps, so that threads need not meet at each of them. The gates are in
PyTorch's order: input, forget, cell, output. Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers,
Schmidhuber and Cummins 2000.

- gates, (N, T, 4 H): first what the inputs and the biases add up to, then the gates, then their gradients.
- weight, (H, 4 H): of what was put out in the step before; transposed: the same as (4 H, H).
- hidden, (N, T, D), of which the columns from `first` on are what is put out.
- state, (N, T, H): the cells' states.
- lengths: (N,) int64, or empty: how many steps of each sample are real. At the others everything is 0.
- is_reversed: whether the last step is the first.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.gemm.gemm import Codes, gemm_code
from nnctl.kernels.cpu.recurrent import add_product, by_sequence, step_before, weight_gradient
from nnctl.kernels.cpu.simd.exp import logistic, tanh
from nnctl.kernels.kernel import Array, Partition, compiled, kernel


def _forward_samples(codes: Codes, gates: Array, weight: Array, *_: Any) -> Partition:
    return by_sequence(gates, weight, 0.6)


@kernel(_forward_samples)
def _forward(
    begin: int, end: int, codes: Codes, gates: Array, weight: Array, hidden: Array, state: Array, lengths: Array,
    first: int, is_reversed: bool,
) -> None:  # fmt: skip
    steps, size = state.shape[1], state.shape[2]
    for step in range(steps):
        t = steps - 1 - step if is_reversed else step
        before = step_before(t, is_reversed)
        if step > 0:
            add_product(begin, end, codes, hidden, before, first, weight, (0, 0), size, gates, t, 4 * size)
        for n in range(begin, end):
            out, cell, row = hidden[n, t, first : first + size], state[n, t], gates[n, t]
            if len(lengths) and t >= lengths[n]:
                cell[:] = 0
                out[:] = 0
                continue
            _to_logistic(row[: 2 * size])
            _to_tanh(row[2 * size : 3 * size])
            _to_logistic(row[3 * size :])
            i, f, g, o = row[:size], row[size : 2 * size], row[2 * size : 3 * size], row[3 * size :]
            if step == 0:
                for j in range(size):
                    cell[j] = i[j] * g[j]
            else:
                last = state[n, before]
                for j in range(size):
                    cell[j] = f[j] * last[j] + i[j] * g[j]
            for j in range(size):
                out[j] = o[j] * tanh(cell[j])


@compiled
def _to_logistic(values: Array) -> None:
    for j in range(len(values)):
        values[j] = logistic(values[j])


@compiled
def _to_tanh(values: Array) -> None:
    for j in range(len(values)):
        values[j] = tanh(values[j])


def forward(
    gates: Array, weight: Array, bias: Array | None, hidden: Array, state: Array, lengths: Array, first: int,
    is_reversed: bool,
) -> None:  # fmt: skip
    """Write gates, state and what is put out. bias: is a part of the gates already."""
    _forward(gemm_code(gates.dtype, gates.shape[2]), gates, weight, hidden, state, lengths, first, is_reversed)


def _backward_samples(codes: Codes, gates: Array, transposed: Array, *_: Any) -> Partition:
    return by_sequence(gates, transposed, 0.5)


@kernel(_backward_samples)
def _backward(
    begin: int, end: int, codes: Codes, gates: Array, transposed: Array, state: Array, d_hidden: Array, carried: Array,
    lengths: Array, first: int, is_reversed: bool,
) -> None:  # fmt: skip
    steps, size = state.shape[1], state.shape[2]
    one = gates.dtype.type(1)
    for step in range(steps - 1, -1, -1):
        t = steps - 1 - step if is_reversed else step
        before = step_before(t, is_reversed)
        for n in range(begin, end):
            row, cell, d_out, d_cell = gates[n, t], state[n, t], carried[n, 0], carried[n, 1]
            if step == steps - 1:
                d_out[:] = 0
                d_cell[:] = 0
            if len(lengths) and t >= lengths[n]:
                row[:] = 0
                continue
            i, f, g, o = row[:size], row[size : 2 * size], row[2 * size : 3 * size], row[3 * size :]
            from_above = d_hidden[n, t, first : first + size]
            for j in range(size):
                d_out[j] += from_above[j]
            for j in range(size):
                active = tanh(cell[j])
                d_cell[j] += d_out[j] * o[j] * (one - active * active)
                o[j] = d_out[j] * active * o[j] * (one - o[j])
            for j in range(size):
                d_g = d_cell[j] * i[j] * (one - g[j] * g[j])
                i[j] = d_cell[j] * g[j] * i[j] * (one - i[j])
                g[j] = d_g
            if step == 0:
                f[:] = 0
            else:
                last = state[n, before]
                for j in range(size):
                    d_last = d_cell[j] * f[j]
                    f[j] = d_cell[j] * last[j] * f[j] * (one - f[j])
                    d_cell[j] = d_last
                d_out[:] = 0
        if step > 0:
            add_product(begin, end, codes, gates, t, 0, transposed, (0, 0), 4 * size, carried, 0, size)


def backward(
    gates: Array, transposed: Array, hidden: Array, state: Array, d_hidden: Array, carried: Array, lengths: Array,
    first: int, is_reversed: bool,
) -> None:  # fmt: skip
    """Gates become their gradients. carried: (N, 2, H) scratch."""
    codes = gemm_code(gates.dtype, transposed.shape[1])
    _backward(codes, gates, transposed, state, d_hidden, carried, lengths, first, is_reversed)


def backward_weight(
    hidden: Array, d_gates: Array, state: Array, d_weight: Array, first: int, is_reversed: bool
) -> None:
    """d_weight: (H, 4 H)."""
    weight_gradient(hidden, d_gates, d_weight, d_weight.shape[1], 0, first, is_reversed)
