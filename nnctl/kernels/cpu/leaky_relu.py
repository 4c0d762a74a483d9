"""x where x > 0, else slope x, both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.2))
def forward(begin: int, end: int, inputs: Array, outputs: Array, slope: float) -> None:
    """outputs = inputs where inputs > 0, else slope inputs. All (size,)."""
    zero, factor = inputs.dtype.type(0), inputs.dtype.type(slope)
    for i in range(begin, end):
        outputs[i] = inputs[i] if inputs[i] > zero else factor * inputs[i]


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.2))
def backward(begin: int, end: int, inputs: Array, d_outputs: Array, d_inputs: Array, slope: float) -> None:
    """d_inputs = d_outputs where inputs > 0, else slope d_outputs. All (size,)."""
    zero, factor = inputs.dtype.type(0), inputs.dtype.type(slope)
    for i in range(begin, end):
        d_inputs[i] = d_outputs[i] if inputs[i] > zero else factor * d_outputs[i]
