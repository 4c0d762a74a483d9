"""A smooth rectifier."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class Softplus(Activation):
    """log(1 + exp(x)). Source: Dugas et al. 2001."""

    type: Literal["softplus"] = "softplus"
    initializer: ClassVar[str] = "he_normal"

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.softplus)
