"""A gated recurrent unit through all steps of a sequence, both directions.

As lstm.py, where the arguments are explained. The gates are in PyTorch's order: reset, update, new. Source: Cho et al.
2014, with the reset gate behind the product, as PyTorch and cuDNN have it:

    new = tanh(inputs' part + reset (weight's part + bias)), put out = (1 - update) new + update (put out before)

- gates, (N, T, 3 H); weight, (H, 3 H); bias: (3 H,), or None, of which only the last third is read.
- state, (N, T, H): the weight's part of the new gate with its bias, then its gradient.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.gemm.gemm import Codes, bias_or_empty, gemm_code
from nnctl.kernels.cpu.recurrent import add_product, by_sequence, step_before, weight_gradient
from nnctl.kernels.cpu.simd.exp import logistic, tanh
from nnctl.kernels.kernel import Array, Partition, compiled, kernel


def _forward_samples(codes: Codes, wide_codes: Codes, gates: Array, weight: Array, *_: Any) -> Partition:
    return by_sequence(gates, weight, 0.6)


@kernel(_forward_samples)
def _forward(
    begin: int, end: int, codes: Codes, wide_codes: Codes, gates: Array, weight: Array, bias: Array, hidden: Array,
    state: Array, lengths: Array, first: int, is_reversed: bool,
) -> None:  # fmt: skip
    steps, size = state.shape[1], state.shape[2]
    for step in range(steps):
        t = steps - 1 - step if is_reversed else step
        before = step_before(t, is_reversed)
        for n in range(begin, end):
            new = state[n, t]
            if len(bias):
                for j in range(size):
                    new[j] = bias[2 * size + j]
            else:
                new[:] = 0
        if step > 0:
            add_product(begin, end, wide_codes, hidden, before, first, weight, (0, 0), size, gates, t, 2 * size)
            add_product(begin, end, codes, hidden, before, first, weight, (0, 2 * size), size, state, t, size)
        for n in range(begin, end):
            out, new, row = hidden[n, t, first : first + size], state[n, t], gates[n, t]
            if len(lengths) and t >= lengths[n]:
                new[:] = 0
                out[:] = 0
                continue
            _to_logistic(row[: 2 * size])
            r, z, candidate = row[:size], row[size : 2 * size], row[2 * size :]
            for j in range(size):
                candidate[j] = tanh(candidate[j] + r[j] * new[j])
            if step == 0:
                for j in range(size):
                    out[j] = candidate[j] - z[j] * candidate[j]
            else:
                last = hidden[n, before, first : first + size]
                for j in range(size):
                    out[j] = candidate[j] + z[j] * (last[j] - candidate[j])


@compiled
def _to_logistic(values: Array) -> None:
    for j in range(len(values)):
        values[j] = logistic(values[j])


def forward(
    gates: Array, weight: Array, bias: Array | None, hidden: Array, state: Array, lengths: Array, first: int,
    is_reversed: bool,
) -> None:  # fmt: skip
    """Write gates, state and what is put out."""
    codes, wide_codes = (gemm_code(gates.dtype, columns * state.shape[2]) for columns in (1, 2))
    kept = bias_or_empty(bias, gates.dtype)
    _forward(codes, wide_codes, gates, weight, kept, hidden, state, lengths, first, is_reversed)


def _backward_samples(codes: Codes, gates: Array, transposed: Array, *_: Any) -> Partition:
    return by_sequence(gates, transposed, 0.5)


@kernel(_backward_samples)
def _backward(
    begin: int, end: int, codes: Codes, gates: Array, transposed: Array, hidden: Array, state: Array, d_hidden: Array,
    carried: Array, lengths: Array, first: int, is_reversed: bool,
) -> None:  # fmt: skip
    steps, size = state.shape[1], state.shape[2]
    one = gates.dtype.type(1)
    for step in range(steps - 1, -1, -1):
        t = steps - 1 - step if is_reversed else step
        before = step_before(t, is_reversed)
        for n in range(begin, end):
            row, new, d_out = gates[n, t], state[n, t], carried[n, 0]
            if step == steps - 1:
                d_out[:] = 0
            if len(lengths) and t >= lengths[n]:
                row[:] = 0
                new[:] = 0
                continue
            r, z, candidate = row[:size], row[size : 2 * size], row[2 * size :]
            from_above = d_hidden[n, t, first : first + size]
            for j in range(size):
                d_out[j] += from_above[j]
            if step == 0:
                for j in range(size):
                    d_z = -d_out[j] * candidate[j] * z[j] * (one - z[j])
                    candidate[j] = d_out[j] * (one - z[j]) * (one - candidate[j] * candidate[j])
                    z[j] = d_z
            else:
                last = hidden[n, before, first : first + size]
                for j in range(size):
                    d_last = d_out[j] * z[j]
                    d_z = d_out[j] * (last[j] - candidate[j]) * z[j] * (one - z[j])
                    candidate[j] = d_out[j] * (one - z[j]) * (one - candidate[j] * candidate[j])
                    z[j] = d_z
                    d_out[j] = d_last
            for j in range(size):
                d_r = candidate[j] * new[j] * r[j] * (one - r[j])
                new[j] = candidate[j] * r[j]
                r[j] = d_r
        if step > 0:
            add_product(begin, end, codes, gates, t, 0, transposed, (0, 0), 2 * size, carried, 0, size)
            add_product(begin, end, codes, state, t, 0, transposed, (2 * size, 0), size, carried, 0, size)


def backward(
    gates: Array, transposed: Array, hidden: Array, state: Array, d_hidden: Array, carried: Array, lengths: Array,
    first: int, is_reversed: bool,
) -> None:  # fmt: skip
    """Gates and state become their gradients. carried: (N, 1, H) scratch."""
    codes = gemm_code(gates.dtype, transposed.shape[1])
    _backward(codes, gates, transposed, hidden, state, d_hidden, carried, lengths, first, is_reversed)


def backward_weight(
    hidden: Array, d_gates: Array, d_state: Array, d_weight: Array, first: int, is_reversed: bool
) -> None:
    """d_weight: (H, 3 H)."""
    size = d_state.shape[2]
    weight_gradient(hidden, d_gates, d_weight, 2 * size, 0, first, is_reversed)
    weight_gradient(hidden, d_state, d_weight, size, 2 * size, first, is_reversed)
