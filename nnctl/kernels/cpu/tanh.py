"""The hyperbolic tangent, both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import tanh
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.3))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs = tanh(inputs). All (size,)."""
    for i in range(begin, end):
        outputs[i] = tanh(inputs[i])


@kernel(lambda outputs, *_: by_sample(outputs.size, 0.15))
def backward(begin: int, end: int, outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs (1 - outputs^2). All (size,)."""
    one = outputs.dtype.type(1)
    for i in range(begin, end):
        d_inputs[i] = d_outputs[i] * (one - outputs[i] * outputs[i])
