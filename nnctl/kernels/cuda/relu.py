"""max(0, x), both directions, over flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda inputs, *_: inputs.size)
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = max(0, inputs); NaN stays NaN. All (size,)."""
    zero = inputs.dtype.type(0)
    for i in range(cuda.grid(1), inputs.size, cuda.gridsize(1)):
        outputs[i] = zero if inputs[i] <= zero else inputs[i]


@kernel(lambda outputs, *_: outputs.size)
def backward(outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs where outputs > 0, else 0. All (size,)."""
    zero = outputs.dtype.type(0)
    for i in range(cuda.grid(1), outputs.size, cuda.gridsize(1)):
        d_inputs[i] = d_outputs[i] if outputs[i] > zero else zero
