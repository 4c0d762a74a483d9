"""x sigmoid(x), both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.cpu.sigmoid import logistic
from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = inputs sigmoid(inputs). All (size,)."""
    one = inputs.dtype.type(1)
    for i in prange(inputs.size):
        outputs[i] = inputs[i] * logistic(inputs[i], one)


@parallel_kernel
def backward(inputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs s (1 + inputs (1 - s)), s = sigmoid(inputs). All (size,)."""
    one = inputs.dtype.type(1)
    for i in prange(inputs.size):
        share = logistic(inputs[i], one)
        d_inputs[i] = d_outputs[i] * share * (one + inputs[i] * (one - share))
