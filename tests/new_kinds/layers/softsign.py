"""Softsign."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class Softsign(Activation):
    """x / (1 + sharpness |x|). Source: Turian, Bergstra and Bengio 2009."""

    type: Literal["softsign"] = "softsign"
    sharpness: float = Field(default=1.0, gt=0.0)
    """How soon it bends."""

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.softsign, (self.sharpness,))
