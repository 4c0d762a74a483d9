"""The hyperbolic tangent."""

from __future__ import annotations

from typing import Literal

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Arrays, Pass


class Tanh(Activation):
    """tanh(x), between -1 and 1."""

    type: Literal["tanh"] = "tanh"

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.tanh.forward(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.tanh.backward(arrays.outputs.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
