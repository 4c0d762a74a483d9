"""x sigmoid(x), both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import logistic
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.35))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs = inputs sigmoid(inputs). All (size,)."""
    for i in range(begin, end):
        outputs[i] = inputs[i] * logistic(inputs[i])


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.4))
def backward(begin: int, end: int, inputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs s (1 + inputs (1 - s)), s = sigmoid(inputs). All (size,)."""
    one = inputs.dtype.type(1)
    for i in range(begin, end):
        share = logistic(inputs[i])
        d_inputs[i] = d_outputs[i] * share * (one + inputs[i] * (one - share))
