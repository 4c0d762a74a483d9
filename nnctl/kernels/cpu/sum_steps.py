"""Sums and means over the steps of sequences, (N, T, F), each over its own length."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.kernel import Array, Partition, by_sample, kernel


def _samples(source: Array, lengths: Array, target: Array, *_: Any) -> Partition:
    return by_sample(len(source), 5.0 + 0.3 * max(source[0].size, target[0].size))


@kernel(_samples)
def forward(begin: int, end: int, inputs: Array, lengths: Array, outputs: Array, mean: bool) -> None:
    """outputs[n] = the sum of inputs[n, :lengths[n]] in the order of the steps; the mean: over the length.

    inputs: (N, T, F), lengths: (N,) int64 in 1..T, or (0,) where all steps are real. outputs: (N, F).
    """
    _, steps, features = inputs.shape
    for n in range(begin, end):
        length = lengths[n] if lengths.size else steps
        total = outputs[n]
        total[:] = 0
        for t in range(length):
            for f in range(features):
                total[f] += inputs[n, t, f]
        if mean:
            factor = inputs.dtype.type(1.0 / length)
            for f in range(features):
                total[f] *= factor


@kernel(_samples)
def backward(begin: int, end: int, d_outputs: Array, lengths: Array, d_inputs: Array, mean: bool) -> None:
    """Each real step gets the gradient, of a mean its part of it; what lies beyond the length gets 0.

    d_outputs: (N, F), d_inputs: (N, T, F).
    """
    _, steps, features = d_inputs.shape
    for n in range(begin, end):
        length = lengths[n] if lengths.size else steps
        factor = d_inputs.dtype.type(1.0 / length if mean else 1.0)
        for t in range(steps):
            for f in range(features):
                d_inputs[n, t, f] = factor * d_outputs[n, f] if t < length else 0
