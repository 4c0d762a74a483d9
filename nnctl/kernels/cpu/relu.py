"""max(0, x), both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(inputs.size, 0.15))
def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
    """outputs = max(0, inputs); NaN stays NaN. All (size,)."""
    zero = inputs.dtype.type(0)
    for i in range(begin, end):
        outputs[i] = zero if inputs[i] <= zero else inputs[i]


@kernel(lambda outputs, *_: by_sample(outputs.size, 0.15))
def backward(begin: int, end: int, outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs where outputs > 0, else 0. All (size,)."""
    zero = outputs.dtype.type(0)
    for i in range(begin, end):
        d_inputs[i] = d_outputs[i] if outputs[i] > zero else zero
