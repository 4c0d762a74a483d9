"""Sigmoid linear unit, also called swish."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Arrays, Pass


class SiLU(Activation):
    """x sigmoid(x). Source: Elfwing et al. 2018."""

    type: Literal["silu"] = "silu"
    initializer: ClassVar[str] = "he_normal"

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.silu.forward(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.silu.backward(arrays.inputs.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
