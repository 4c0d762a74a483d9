"""A gated recurrent unit through all steps of a sequence, both directions; recurrent.py explains the arguments.

The gates are in PyTorch's order: reset, update, new. Source: Cho et al. 2014, with the reset gate behind the product,
as PyTorch and cuDNN have it:

    new = tanh(inputs' part + reset (recurrent part + its bias)), put out = (1 - update) new + update (put out before)

state: (T, N H), the recurrent part of the new gate with its bias, then its gradient.
"""

from __future__ import annotations

from nnctl.kernels.cpu.gemm.gemm import Codes, gemm_code
from nnctl.kernels.cpu.recurrent import (
    add_inputs,
    add_to,
    bias_gradient,
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
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.kernel import Array, compiled, kernel


@kernel(by_sequence)
def _forward(
    begin: int, end: int, codes: Codes, size: int, gates: Array, weight: Array, inputs: Array, bias: Array,
    recurrent: Array, recurrent_bias: Array, hidden: Array, state: Array, lengths: Array, is_reversed: bool,
) -> None:  # fmt: skip
    steps = len(gates)
    first, last = begin * size, end * size
    for step in range(steps):
        t, before = place_of(step, steps, is_reversed), place_of(step - 1, steps, is_reversed)
        source, previous = rows_of_samples(inputs, t, begin, end), rows_of_step(hidden, size, before, begin, end)
        for gate in range(3):
            out = rows_of_gate(gates, size, t, gate, begin, end)
            add_inputs(codes, source, weight, bias, previous, recurrent, gate * size, out, step == 0 or gate == 2)
        out = rows_of_step(state, size, t, begin, end)
        if step > 0:
            own = address_of(recurrent_bias) + gates.itemsize * 2 * size if len(recurrent_bias) else 0
            multiply(codes, previous, recurrent, 0, 2 * size, own, 0, out)
        else:
            for n in range(begin, end):
                for j in range(size):
                    state[t, n * size + j] = recurrent_bias[2 * size + j] if len(recurrent_bias) else 0
        r, z, new = gates[t, 0, first:last], gates[t, 1, first:last], gates[t, 2, first:last]
        to_logistic(r)
        to_logistic(z)
        _put_out(r, z, new, state[t, first:last], hidden[before, first:last], hidden[t, first:last], step == 0)
        clear(hidden[t], size, lengths, t, begin, end)


@compiled
def _put_out(r: Array, z: Array, new: Array, part: Array, before: Array, out: Array, is_first: bool) -> None:
    for j in range(len(r)):
        new[j] = tanh(new[j] + r[j] * part[j])
    if is_first:
        for j in range(len(r)):
            out[j] = new[j] - z[j] * new[j]
    else:
        for j in range(len(r)):
            out[j] = new[j] + z[j] * (before[j] - new[j])


def forward(
    size: int, inputs: Array, weight: Array, bias: Array, recurrent: Array, recurrent_bias: Array, gates: Array,
    hidden: Array, state: Array, lengths: Array, is_reversed: bool,
) -> None:  # fmt: skip
    """Write gates, hidden and state. bias: both of them for reset and update; of recurrent_bias, new's part is read."""
    codes = gemm_code(gates.dtype, size)
    weights = bias, recurrent, recurrent_bias
    _forward(codes, size, gates, weight, inputs, *weights, hidden, state, lengths, is_reversed)


@kernel(by_sequence)
def _backward(
    begin: int, end: int, codes: Codes, size: int, gates: Array, transposed: Array, hidden: Array, state: Array,
    d_hidden: Array, carried: Array, lengths: Array, is_reversed: bool,
) -> None:  # fmt: skip
    steps = len(gates)
    first, last = begin * size, end * size
    d_out = carried[0, first:last]
    d_out[:] = 0
    for step in range(steps - 1, -1, -1):
        t, before = place_of(step, steps, is_reversed), place_of(step - 1, steps, is_reversed)
        add_to(d_out, d_hidden[t, first:last])
        r, z, new = gates[t, 0, first:last], gates[t, 1, first:last], gates[t, 2, first:last]
        _through_output(z, new, hidden[before, first:last], d_out, step == 0)
        _through_new(r, new, state[t, first:last])
        for gate in range(3):
            clear(gates[t, gate], size, lengths, t, begin, end)
        clear(state[t], size, lengths, t, begin, end)
        clear(carried[0], size, lengths, t, begin, end)
        if step > 0:
            target = rows_of_step(carried, size, 0, begin, end)
            for gate in range(2):
                own = rows_of_gate(gates, size, t, gate, begin, end)
                multiply(codes, own, transposed, gate * size, 0, target[0], target[1], target)
            own = rows_of_step(state, size, t, begin, end)
            multiply(codes, own, transposed, 2 * size, 0, target[0], target[1], target)


@compiled
def _through_output(z: Array, new: Array, before: Array, d_out: Array, is_first: bool) -> None:
    one, zero = z.dtype.type(1), z.dtype.type(0)
    if is_first:
        for j in range(len(z)):
            d_z = (zero - new[j]) * d_out[j] * z[j] * (one - z[j])
            new[j] = d_out[j] * (one - z[j]) * (one - new[j] * new[j])
            z[j] = d_z
    else:
        for j in range(len(z)):
            d_before = d_out[j] * z[j]
            d_z = (before[j] - new[j]) * d_out[j] * z[j] * (one - z[j])
            new[j] = d_out[j] * (one - z[j]) * (one - new[j] * new[j])
            z[j] = d_z
            d_out[j] = d_before


@compiled
def _through_new(r: Array, new: Array, part: Array) -> None:
    one = r.dtype.type(1)
    for j in range(len(r)):
        d_r = new[j] * part[j] * r[j] * (one - r[j])
        part[j] = new[j] * r[j]
        r[j] = d_r


def backward(
    size: int, gates: Array, transposed: Array, hidden: Array, state: Array, d_hidden: Array, carried: Array,
    lengths: Array, is_reversed: bool,
) -> None:  # fmt: skip
    """Gates and state become their gradients. transposed: of the recurrent weight. carried: (1, N H) scratch."""
    codes = gemm_code(gates.dtype, size)
    _backward(codes, size, gates, transposed, hidden, state, d_hidden, carried, lengths, is_reversed)


def backward_recurrent(
    size: int, hidden: Array, d_gates: Array, d_state: Array, d_weight: Array, d_bias: Array, d_recurrent_bias: Array,
    is_reversed: bool,
) -> None:  # fmt: skip
    """d_weight: (H, 3 H). d_bias: of the inputs; both are empty where there is none."""
    d_new = d_state.reshape(len(d_state), 1, -1)
    recurrent_weight_gradient(hidden, d_gates, size, 2, d_weight, 0, is_reversed)
    recurrent_weight_gradient(hidden, d_new, size, 1, d_weight, 2 * size, is_reversed)
    if len(d_bias):
        copy_bias(d_bias[: 2 * size], d_recurrent_bias[: 2 * size])
        bias_gradient(d_new, d_recurrent_bias[2 * size :])
