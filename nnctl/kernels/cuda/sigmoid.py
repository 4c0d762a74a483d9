"""1 / (1 + exp(-x)), both directions, over flat arrays of any length."""

from __future__ import annotations

import math

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda inputs, *_: inputs.size)
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = 1 / (1 + exp(-inputs)), without overflow. All (size,)."""
    one = inputs.dtype.type(1)
    for i in range(cuda.grid(1), inputs.size, cuda.gridsize(1)):
        small = math.exp(-abs(inputs[i]))
        outputs[i] = (small if inputs[i] < 0 else one) / (one + small)


@kernel(lambda outputs, *_: outputs.size)
def backward(outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs outputs (1 - outputs). All (size,)."""
    one = outputs.dtype.type(1)
    for i in range(cuda.grid(1), outputs.size, cuda.gridsize(1)):
        d_inputs[i] = d_outputs[i] * outputs[i] * (one - outputs[i])
