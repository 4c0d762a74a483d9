"""Leaky rectified linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Arrays, Pass


class LeakyReLU(Activation):
    """x where x > 0, else slope x. Source: Maas et al. 2013. The derivative at 0 is the slope."""

    type: Literal["leaky_relu"] = "leaky_relu"
    initializer: ClassVar[str] = "he_normal"
    slope: float = Field(default=0.01, ge=0.0)
    """Factor of negative inputs."""

    def forward(self, arrays: Arrays, run: Pass) -> None:
        run.kernels.leaky_relu.forward(arrays.inputs.ravel(), arrays.outputs.ravel(), self.slope)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        if arrays.d_inputs is not None:
            run.kernels.leaky_relu.backward(
                arrays.inputs.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel(), self.slope
            )
