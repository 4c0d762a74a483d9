"""max(0, x), both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = max(0, inputs); NaN stays NaN. All (size,)."""
    zero = inputs.dtype.type(0)
    for i in prange(inputs.size):
        outputs[i] = zero if inputs[i] <= zero else inputs[i]


@parallel_kernel
def backward(outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs where outputs > 0, else 0. All (size,)."""
    zero = outputs.dtype.type(0)
    for i in prange(outputs.size):
        d_inputs[i] = d_outputs[i] if outputs[i] > zero else zero
