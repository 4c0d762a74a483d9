"""A smooth rectifier."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Arrays, Pass


class Softplus(Activation):
    """log(1 + exp(x)). Source: Dugas et al. 2001."""

    type: Literal["softplus"] = "softplus"
    initializer: ClassVar[str] = "he_normal"

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.softplus.forward(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.softplus.backward(arrays.inputs.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
