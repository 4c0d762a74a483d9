"""The hyperbolic tangent, both directions, over flat arrays of any length."""

from __future__ import annotations

import math

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda inputs, *_: inputs.size)
def forward(inputs: Array, outputs: Array) -> None:
    """outputs = tanh(inputs). All (size,)."""
    for i in range(cuda.grid(1), inputs.size, cuda.gridsize(1)):
        outputs[i] = math.tanh(inputs[i])


@kernel(lambda outputs, *_: outputs.size)
def backward(outputs: Array, d_outputs: Array, d_inputs: Array) -> None:
    """d_inputs = d_outputs (1 - outputs^2). All (size,)."""
    one = outputs.dtype.type(1)
    for i in range(cuda.grid(1), outputs.size, cuda.gridsize(1)):
        d_inputs[i] = d_outputs[i] * (one - outputs[i] * outputs[i])
