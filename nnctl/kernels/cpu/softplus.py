"""log(1 + exp(x)), both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import exp, log1p, logistic
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.6))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs = log(1 + exp(inputs)), as max(x, 0) + log(1 + exp(-|x|)), which cannot overflow. All (size,)."""
    zero = inputs.dtype.type(0)
    for i in range(begin, end):
        x = inputs[i]
        outputs[i] = (zero if x <= zero else x) + log1p(exp(-abs(x)))


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.35))
def backward(begin: int, end: int, inputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs sigmoid(inputs). All (size,)."""
    for i in range(begin, end):
        d_inputs[i] = d_outputs[i] * logistic(inputs[i])
