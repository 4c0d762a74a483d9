"""1 / (1 + exp(-x)), both directions, over flat arrays of any length."""

from __future__ import annotations

from math import exp

from nnctl.kernels.kernel import Array, by_sample, compiled, kernel


@compiled
def logistic(x: float, one: float) -> float:
    """1 / (1 + exp(-x)) in the dtype of x and one, without overflow at either end."""
    if x >= 0:
        return one / (one + exp(-x))
    small = exp(x)
    return small / (one + small)


@kernel(lambda inputs, *_: by_sample(inputs.size, 4.0))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs = 1 / (1 + exp(-inputs)). All (size,)."""
    one = inputs.dtype.type(1)
    for i in range(begin, end):
        outputs[i] = logistic(inputs[i], one)


@kernel(lambda outputs, *_: by_sample(outputs.size, 4.0))
def backward(begin: int, end: int, outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs outputs (1 - outputs). All (size,)."""
    one = outputs.dtype.type(1)
    for i in range(begin, end):
        d_inputs[i] = d_outputs[i] * outputs[i] * (one - outputs[i])
