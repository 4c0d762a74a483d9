"""Softmax of each row, both directions."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import exp
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(len(inputs), 0.9 * inputs.shape[1]))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs[i, j] = exp(inputs[i, j]) / sum over k of exp(inputs[i, k]). Both (rows, K).

    The row's largest input is subtracted first, so that no exponential overflows.
    """
    _, width = inputs.shape
    for i in range(begin, end):
        largest = inputs[i, 0]
        for j in range(1, width):
            largest = max(largest, inputs[i, j])
        for j in range(width):
            outputs[i, j] = inputs[i, j] - largest
    rows = outputs[begin:end].reshape(-1)  # all rows at once, as one may be shorter than a vector
    for j in range(rows.size):
        rows[j] = exp(rows[j])
    for i in range(begin, end):
        total = inputs.dtype.type(0)
        for j in range(width):
            total += outputs[i, j]
        share = inputs.dtype.type(1) / total
        for j in range(width):
            outputs[i, j] *= share


@kernel(lambda outputs, *_: by_sample(len(outputs), 0.5 * outputs.shape[1]))
def backward(begin: int, end: int, outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = outputs (d_outputs - sum over the row of d_outputs outputs). All (rows, K)."""
    _, width = outputs.shape
    for i in range(begin, end):
        total = outputs.dtype.type(0)
        for j in range(width):
            total += d_outputs[i, j] * outputs[i, j]
        for j in range(width):
            d_inputs[i, j] = outputs[i, j] * (d_outputs[i, j] - total)
