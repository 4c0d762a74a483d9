"""The logistic function."""

from __future__ import annotations

from typing import Literal

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Arrays, Pass


class Sigmoid(Activation):
    """1 / (1 + exp(-x)), between 0 and 1."""

    type: Literal["sigmoid"] = "sigmoid"

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.sigmoid.forward(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.sigmoid.backward(arrays.outputs.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
