"""Sigmoid linear unit, also called swish."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class SiLU(Activation):
    """x sigmoid(x). Source: Elfwing et al. 2018."""

    type: Literal["silu"] = "silu"
    initializer: ClassVar[str] = "he_normal"

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.silu)
