"""Rectified linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Arrays, Pass


class ReLU(Activation):
    """max(0, x). Source: Nair and Hinton 2010. The derivative at 0 is 0."""

    type: Literal["relu"] = "relu"
    initializer: ClassVar[str] = "he_normal"
    may_follow_maximum: ClassVar[bool] = True

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.relu.forward(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.relu.backward(arrays.outputs.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
