"""The hyperbolic tangent, both directions, over flat arrays of any length."""

from __future__ import annotations

from math import tanh

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = tanh(inputs). All (size,)."""
    for i in prange(inputs.size):
        outputs[i] = tanh(inputs[i])


@parallel_kernel
def backward(outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs (1 - outputs^2). All (size,)."""
    one = outputs.dtype.type(1)
    for i in prange(outputs.size):
        d_inputs[i] = d_outputs[i] * (one - outputs[i] * outputs[i])
