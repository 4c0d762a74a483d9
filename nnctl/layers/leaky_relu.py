"""Leaky rectified linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class LeakyReLU(Activation):
    """x where x > 0, else slope x. Source: Maas et al. 2013. The derivative at 0 is the slope."""

    type: Literal["leaky_relu"] = "leaky_relu"
    initializer: ClassVar[str] = "he_normal"
    slope: float = Field(default=0.01, ge=0.0)
    """Factor of negative inputs."""

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.leaky_relu, (self.slope,))
