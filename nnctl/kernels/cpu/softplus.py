"""log(1 + exp(x)), both directions, over flat arrays of any length."""

from __future__ import annotations

from math import exp, log1p

from nnctl.kernels.cpu.sigmoid import logistic
from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = log(1 + exp(inputs)), as max(x, 0) + log(1 + exp(-|x|)), which cannot overflow. All (size,)."""
    zero = inputs.dtype.type(0)
    for i in prange(inputs.size):
        x = inputs[i]
        outputs[i] = (zero if x <= zero else x) + log1p(exp(-abs(x)))


@parallel_kernel
def backward(inputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs sigmoid(inputs). All (size,)."""
    one = inputs.dtype.type(1)
    for i in prange(inputs.size):
        d_inputs[i] = d_outputs[i] * logistic(inputs[i], one)
