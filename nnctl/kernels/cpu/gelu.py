"""x Phi(x), where Phi is the normal distribution function, both directions, over flat arrays of any length."""

from __future__ import annotations

from math import pi, sqrt

from nnctl.kernels.cpu.simd.exp import normal
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.8))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs = inputs Phi(inputs). All (size,)."""
    for i in range(begin, end):
        below, _ = normal(inputs[i])
        outputs[i] = inputs[i] * below


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.8))
def backward(begin: int, end: int, inputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs (Phi(x) + x phi(x)), phi the normal density. All (size,)."""
    density = inputs.dtype.type(1.0 / sqrt(2.0 * pi))
    for i in range(begin, end):
        below, bell = normal(inputs[i])
        d_inputs[i] = d_outputs[i] * (below + inputs[i] * density * bell)
