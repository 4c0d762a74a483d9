"""Mish."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class Mish(Activation):
    """x tanh(log(1 + exp(x))). Source: Misra 2019, equation 1."""

    type: Literal["mish"] = "mish"
    initializer: ClassVar[str] = "he_normal"

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.mish)
