"""Gaussian error linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Arrays, Pass


class GELU(Activation):
    """x Phi(x), Phi the normal distribution function, exact (no tanh). Source: Hendrycks and Gimpel 2016."""

    type: Literal["gelu"] = "gelu"
    initializer: ClassVar[str] = "he_normal"

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.gelu.forward(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.gelu.backward(arrays.inputs.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
