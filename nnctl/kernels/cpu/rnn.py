"""A simple recurrent network through all steps of a sequence, both directions.

As lstm.py, where the arguments are explained. There is one gate, whose activation is what is put out; a state is not
needed. Source: Elman 1990.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.gemm.gemm import Codes, gemm_code
from nnctl.kernels.cpu.recurrent import add_product, by_sequence, step_before, weight_gradient
from nnctl.kernels.cpu.simd.exp import tanh
from nnctl.kernels.kernel import Array, Partition, kernel


def _forward_samples(codes: Codes, gates: Array, weight: Array, *_: Any) -> Partition:
    return by_sequence(gates, weight, 0.5)


@kernel(_forward_samples)
def _forward(
    begin: int, end: int, codes: Codes, gates: Array, weight: Array, hidden: Array, lengths: Array, first: int,
    is_reversed: bool, relu: bool,
) -> None:  # fmt: skip
    steps, size = gates.shape[1], gates.shape[2]
    zero = gates.dtype.type(0)
    for step in range(steps):
        t = steps - 1 - step if is_reversed else step
        if step > 0:
            before = step_before(t, is_reversed)
            add_product(begin, end, codes, hidden, before, first, weight, (0, 0), size, gates, t, size)
        for n in range(begin, end):
            out, row = hidden[n, t, first : first + size], gates[n, t]
            if len(lengths) and t >= lengths[n]:
                out[:] = 0
            elif relu:
                for j in range(size):
                    out[j] = zero if row[j] <= zero else row[j]
            else:
                for j in range(size):
                    out[j] = tanh(row[j])


def forward(
    gates: Array, weight: Array, bias: Array | None, hidden: Array, state: Array, lengths: Array, first: int,
    is_reversed: bool, relu: bool,
) -> None:  # fmt: skip
    """Write gates and what is put out. bias, state: are not looked at. relu: in place of tanh."""
    codes = gemm_code(gates.dtype, gates.shape[2])
    _forward(codes, gates, weight, hidden, lengths, first, is_reversed, relu)


def _backward_samples(codes: Codes, gates: Array, transposed: Array, *_: Any) -> Partition:
    return by_sequence(gates, transposed, 0.4)


@kernel(_backward_samples)
def _backward(
    begin: int, end: int, codes: Codes, gates: Array, transposed: Array, hidden: Array, d_hidden: Array, carried: Array,
    lengths: Array, first: int, is_reversed: bool, relu: bool,
) -> None:  # fmt: skip
    steps, size = gates.shape[1], gates.shape[2]
    zero, one = gates.dtype.type(0), gates.dtype.type(1)
    for step in range(steps - 1, -1, -1):
        t = steps - 1 - step if is_reversed else step
        for n in range(begin, end):
            row, d_out = gates[n, t], carried[n, 0]
            if step == steps - 1:
                d_out[:] = 0
            if len(lengths) and t >= lengths[n]:
                row[:] = 0
                continue
            out, from_above = hidden[n, t, first : first + size], d_hidden[n, t, first : first + size]
            if relu:
                for j in range(size):
                    row[j] = d_out[j] + from_above[j] if out[j] > zero else zero
            else:
                for j in range(size):
                    row[j] = (d_out[j] + from_above[j]) * (one - out[j] * out[j])
            d_out[:] = 0
        if step > 0:
            add_product(begin, end, codes, gates, t, 0, transposed, (0, 0), size, carried, 0, size)


def backward(
    gates: Array, transposed: Array, hidden: Array, state: Array, d_hidden: Array, carried: Array, lengths: Array,
    first: int, is_reversed: bool, relu: bool,
) -> None:  # fmt: skip
    """Gates become their gradients. carried: (N, 1, H) scratch."""
    codes = gemm_code(gates.dtype, transposed.shape[1])
    _backward(codes, gates, transposed, hidden, d_hidden, carried, lengths, first, is_reversed, relu)


def backward_weight(
    hidden: Array, d_gates: Array, d_state: Array, d_weight: Array, first: int, is_reversed: bool
) -> None:
    """d_weight: (H, H)."""
    weight_gradient(hidden, d_gates, d_weight, d_weight.shape[1], 0, first, is_reversed)
