"""A simple recurrent network through all steps of a sequence, both directions; recurrent.py explains the arguments.

It has one gate, whose activation is what is put out, and no state. Source: Elman 1990.
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
)
from nnctl.kernels.cpu.simd.exp import tanh
from nnctl.kernels.kernel import Array, compiled, kernel


@kernel(by_sequence)
def _forward(
    begin: int, end: int, codes: Codes, size: int, gates: Array, weight: Array, inputs: Array, bias: Array,
    recurrent: Array, hidden: Array, lengths: Array, is_reversed: bool, relu: bool,
) -> None:  # fmt: skip
    steps = len(gates)
    first, last = begin * size, end * size
    for step in range(steps):
        t, before = place_of(step, steps, is_reversed), place_of(step - 1, steps, is_reversed)
        source, previous = rows_of_samples(inputs, t, begin, end), rows_of_step(hidden, size, before, begin, end)
        out = rows_of_gate(gates, size, t, 0, begin, end)
        add_inputs(codes, source, weight, bias, previous, recurrent, 0, out, step == 0)
        _activate(gates[t, 0, first:last], hidden[t, first:last], relu)
        clear(hidden[t], size, lengths, t, begin, end)


@compiled
def _activate(gate: Array, out: Array, relu: bool) -> None:
    zero = gate.dtype.type(0)
    if relu:
        for j in range(len(out)):
            out[j] = zero if gate[j] <= zero else gate[j]
    else:
        for j in range(len(out)):
            out[j] = tanh(gate[j])


def forward(
    size: int, inputs: Array, weight: Array, bias: Array, recurrent: Array, recurrent_bias: Array, gates: Array,
    hidden: Array, state: Array, lengths: Array, is_reversed: bool, *, relu: bool,
) -> None:  # fmt: skip
    """Write gates and hidden. bias: both of them; recurrent_bias, state: are not looked at. relu: in place of tanh."""
    codes = gemm_code(gates.dtype, size)
    _forward(codes, size, gates, weight, inputs, bias, recurrent, hidden, lengths, is_reversed, relu)


@kernel(by_sequence)
def _backward(
    begin: int, end: int, codes: Codes, size: int, gates: Array, transposed: Array, hidden: Array, d_hidden: Array,
    carried: Array, lengths: Array, is_reversed: bool, relu: bool,
) -> None:  # fmt: skip
    steps = len(gates)
    first, last = begin * size, end * size
    d_out = carried[0, first:last]
    d_out[:] = 0
    for step in range(steps - 1, -1, -1):
        t = place_of(step, steps, is_reversed)
        add_to(d_out, d_hidden[t, first:last])
        _through_activation(gates[t, 0, first:last], hidden[t, first:last], d_out, relu)
        clear(gates[t, 0], size, lengths, t, begin, end)
        if step > 0:
            target = rows_of_step(carried, size, 0, begin, end)
            multiply(codes, rows_of_gate(gates, size, t, 0, begin, end), transposed, 0, 0, 0, 0, target)


@compiled
def _through_activation(gate: Array, out: Array, d_out: Array, relu: bool) -> None:
    zero, one = gate.dtype.type(0), gate.dtype.type(1)
    if relu:
        for j in range(len(out)):
            gate[j] = d_out[j] if out[j] > zero else zero
    else:
        for j in range(len(out)):
            gate[j] = d_out[j] * (one - out[j] * out[j])


def backward(
    size: int, gates: Array, transposed: Array, hidden: Array, state: Array, d_hidden: Array, carried: Array,
    lengths: Array, is_reversed: bool, *, relu: bool,
) -> None:  # fmt: skip
    """Gates become their gradients. transposed: of the recurrent weight. carried: (1, N H) scratch."""
    codes = gemm_code(gates.dtype, size)
    _backward(codes, size, gates, transposed, hidden, d_hidden, carried, lengths, is_reversed, relu)


def backward_recurrent(
    size: int, hidden: Array, d_gates: Array, d_state: Array, d_weight: Array, d_bias: Array, d_recurrent_bias: Array,
    is_reversed: bool,
) -> None:  # fmt: skip
    """d_weight: (H, H). d_bias: of the inputs, which is the other's, too; both are empty where there is none."""
    recurrent_weight_gradient(hidden, d_gates, size, 1, d_weight, 0, is_reversed)
    if len(d_bias):
        copy_bias(d_bias, d_recurrent_bias)
