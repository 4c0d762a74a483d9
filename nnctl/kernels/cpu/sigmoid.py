"""1 / (1 + exp(-x)), both directions, over flat arrays of any length."""

from __future__ import annotations

from math import exp

from nnctl.kernels.jit import Array, kernel, parallel_kernel, prange


@kernel
def logistic(x: float, one: float) -> float:
    """1 / (1 + exp(-x)) in the dtype of x and one, without overflow at either end."""
    if x >= 0:
        return one / (one + exp(-x))
    small = exp(x)
    return small / (one + small)


@parallel_kernel
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = 1 / (1 + exp(-inputs)). All (size,)."""
    one = inputs.dtype.type(1)
    for i in prange(inputs.size):
        outputs[i] = logistic(inputs[i], one)


@parallel_kernel
def backward(outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs outputs (1 - outputs). All (size,)."""
    one = outputs.dtype.type(1)
    for i in prange(outputs.size):
        d_inputs[i] = d_outputs[i] * outputs[i] * (one - outputs[i])
