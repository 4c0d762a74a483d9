"""x / (1 + sharpness |x|), both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.5))
def forward(begin: int, end: int, inputs: Array, outputs: Array, sharpness: float) -> None:
    """outputs = inputs / (1 + sharpness |inputs|). All (size,)."""
    one, factor = inputs.dtype.type(1), inputs.dtype.type(sharpness)
    for i in range(begin, end):
        outputs[i] = inputs[i] / (one + factor * abs(inputs[i]))


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.5))
def backward(begin: int, end: int, inputs: Array, d_outputs: Array, d_inputs: Array, sharpness: float) -> None:
    """d_inputs = d_outputs / (1 + sharpness |inputs|)^2. All (size,)."""
    one, factor = inputs.dtype.type(1), inputs.dtype.type(sharpness)
    for i in range(begin, end):
        divisor = one + factor * abs(inputs[i])
        d_inputs[i] = d_outputs[i] / (divisor * divisor)
