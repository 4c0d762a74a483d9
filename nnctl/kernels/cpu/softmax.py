"""Softmax of each row, both directions."""

from __future__ import annotations

from math import exp

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(len(inputs), 6.0 * inputs.shape[1]))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs[i, j] = exp(inputs[i, j]) / sum over k of exp(inputs[i, k]). Both (rows, K).

    The row's largest number is subtracted first, so nothing overflows.
    """
    _, width = inputs.shape
    for i in range(begin, end):
        largest = inputs[i, 0]
        for j in range(1, width):
            largest = max(largest, inputs[i, j])
        total = inputs.dtype.type(0)
        for j in range(width):
            outputs[i, j] = exp(inputs[i, j] - largest)
            total += outputs[i, j]
        for j in range(width):
            outputs[i, j] /= total


@kernel(lambda outputs, *_: by_sample(len(outputs), 6.0 * outputs.shape[1]))
def backward(begin: int, end: int, outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = outputs (d_outputs - sum over the row of d_outputs outputs). All (rows, K)."""
    _, width = outputs.shape
    for i in range(begin, end):
        total = outputs.dtype.type(0)
        for j in range(width):
            total += d_outputs[i, j] * outputs[i, j]
        for j in range(width):
            d_inputs[i, j] = outputs[i, j] * (d_outputs[i, j] - total)
