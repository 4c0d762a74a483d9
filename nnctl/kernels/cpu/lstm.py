"""A long short-term memory through all steps of a sequence, both directions; recurrent.py explains the arguments.

The gates are in PyTorch's order: input, forget, cell, output. state: (T, N H), that of the cells. Source: Hochreiter
and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber and Cummins 2000.
"""

from __future__ import annotations

from nnctl.kernels.cpu.gemm.gemm import Codes, gemm_code
from nnctl.kernels.cpu.recurrent import (
    add_inputs,
    add_to,
    by_sequence,
    clear,
    copy_bias,
    multiply,
    place_of,
    recurrent_weight_gradient,
    rows_of_gate,
    rows_of_samples,
    rows_of_step,
    to_logistic,
)
from nnctl.kernels.cpu.simd.exp import tanh
from nnctl.kernels.kernel import Array, compiled, kernel


@kernel(by_sequence)
def _forward(
    begin: int, end: int, codes: Codes, size: int, gates: Array, weight: Array, inputs: Array, bias: Array,
    recurrent: Array, hidden: Array, state: Array, lengths: Array, is_reversed: bool,
) -> None:  # fmt: skip
    steps = len(gates)
    first, last = begin * size, end * size
    for step in range(steps):
        t, before = place_of(step, steps, is_reversed), place_of(step - 1, steps, is_reversed)
        source, previous = rows_of_samples(inputs, t, begin, end), rows_of_step(hidden, size, before, begin, end)
        for gate in range(4):
            out = rows_of_gate(gates, size, t, gate, begin, end)
            add_inputs(codes, source, weight, bias, previous, recurrent, gate * size, out, step == 0)
        i, f, g, o = gates[t, 0, first:last], gates[t, 1, first:last], gates[t, 2, first:last], gates[t, 3, first:last]
        to_logistic(i)
        to_logistic(f)
        to_logistic(o)
        _to_state(i, f, g, state[t, first:last], state[before, first:last], step == 0)
        clear(state[t], size, lengths, t, begin, end)
        _put_out(o, state[t, first:last], hidden[t, first:last])
        clear(hidden[t], size, lengths, t, begin, end)


@compiled
def _to_state(i: Array, f: Array, g: Array, state: Array, before: Array, is_first: bool) -> None:
    if is_first:
        for j in range(len(state)):
            g[j] = tanh(g[j])
            state[j] = i[j] * g[j]
    else:
        for j in range(len(state)):
            g[j] = tanh(g[j])
            state[j] = f[j] * before[j] + i[j] * g[j]


@compiled
def _put_out(o: Array, state: Array, out: Array) -> None:
    for j in range(len(out)):
        out[j] = o[j] * tanh(state[j])


def forward(
    size: int, inputs: Array, weight: Array, bias: Array, recurrent: Array, recurrent_bias: Array, gates: Array,
    hidden: Array, state: Array, lengths: Array, is_reversed: bool,
) -> None:  # fmt: skip
    """Write gates, hidden and state. bias: both of them; recurrent_bias: is not looked at."""
    codes = gemm_code(gates.dtype, size)
    _forward(codes, size, gates, weight, inputs, bias, recurrent, hidden, state, lengths, is_reversed)


@kernel(by_sequence)
def _backward(
    begin: int, end: int, codes: Codes, size: int, gates: Array, transposed: Array, state: Array, d_hidden: Array,
    carried: Array, lengths: Array, is_reversed: bool,
) -> None:  # fmt: skip
    steps = len(gates)
    first, last = begin * size, end * size
    d_out, d_state = carried[0, first:last], carried[1, first:last]
    d_out[:] = 0
    d_state[:] = 0
    for step in range(steps - 1, -1, -1):
        t, before = place_of(step, steps, is_reversed), place_of(step - 1, steps, is_reversed)
        i, f, g, o = gates[t, 0, first:last], gates[t, 1, first:last], gates[t, 2, first:last], gates[t, 3, first:last]
        add_to(d_out, d_hidden[t, first:last])
        _through_output(o, state[t, first:last], d_out, d_state)
        _through_state(i, f, g, state[before, first:last], d_state, step == 0)
        for gate in range(4):
            clear(gates[t, gate], size, lengths, t, begin, end)
        clear(carried[1], size, lengths, t, begin, end)
        if step > 0:
            target = rows_of_step(carried, size, 0, begin, end)
            for gate in range(4):
                own, plus = rows_of_gate(gates, size, t, gate, begin, end), target[0] if gate else 0
                multiply(codes, own, transposed, gate * size, 0, plus, target[1], target)


@compiled
def _through_output(o: Array, state: Array, d_out: Array, d_state: Array) -> None:
    one = o.dtype.type(1)
    for j in range(len(o)):
        active = tanh(state[j])
        d_state[j] += d_out[j] * o[j] * (one - active * active)
        o[j] = d_out[j] * active * o[j] * (one - o[j])


@compiled
def _through_state(i: Array, f: Array, g: Array, before: Array, d_state: Array, is_first: bool) -> None:
    one = i.dtype.type(1)
    for j in range(len(i)):
        d_g = d_state[j] * i[j] * (one - g[j] * g[j])
        i[j] = d_state[j] * g[j] * i[j] * (one - i[j])
        g[j] = d_g
    if is_first:
        f[:] = 0
    else:
        for j in range(len(i)):
            d_before = d_state[j] * f[j]
            f[j] = d_state[j] * before[j] * f[j] * (one - f[j])
            d_state[j] = d_before


def backward(
    size: int, gates: Array, transposed: Array, hidden: Array, state: Array, d_hidden: Array, carried: Array,
    lengths: Array, is_reversed: bool,
) -> None:  # fmt: skip
    """Gates become their gradients. transposed: of the recurrent weight. carried: (2, N H) scratch."""
    codes = gemm_code(gates.dtype, size)
    _backward(codes, size, gates, transposed, state, d_hidden, carried, lengths, is_reversed)


def backward_recurrent(
    size: int, hidden: Array, d_gates: Array, d_state: Array, d_weight: Array, d_bias: Array, d_recurrent_bias: Array,
    is_reversed: bool,
) -> None:  # fmt: skip
    """d_weight: (H, 4 H). d_bias: of the inputs, which is the other's, too; both are empty where there is none."""
    recurrent_weight_gradient(hidden, d_gates, size, 4, d_weight, 0, is_reversed)
    if len(d_bias):
        copy_bias(d_bias, d_recurrent_bias)
