"""slope x where x > 0, else alpha (exp(x) - 1), both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import exp, expm1
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.25))
def forward(begin: int, end: int, inputs: Array, outputs: Array, alpha: float, slope: float) -> None:
    """outputs = slope inputs where inputs > 0, else alpha (exp(inputs) - 1). All (size,)."""
    zero, factor, linear = inputs.dtype.type(0), inputs.dtype.type(alpha), inputs.dtype.type(slope)
    for i in range(begin, end):
        x = inputs[i]
        outputs[i] = linear * x if x > zero else factor * expm1(x)


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.3))
def backward(
    begin: int, end: int, inputs: Array, d_outputs: Array, d_inputs: Array, alpha: float, slope: float
) -> None:
    """d_inputs = slope d_outputs where inputs > 0, else d_outputs alpha exp(inputs). All (size,)."""
    zero, factor, linear = inputs.dtype.type(0), inputs.dtype.type(alpha), inputs.dtype.type(slope)
    for i in range(begin, end):
        x = inputs[i]
        d_inputs[i] = linear * d_outputs[i] if x > zero else d_outputs[i] * factor * exp(x)
