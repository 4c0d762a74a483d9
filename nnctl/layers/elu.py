"""Exponential linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class ELU(Activation):
    """x where x > 0, else alpha (exp(x) - 1). Source: Clevert et al. 2016, eq. 15."""

    type: Literal["elu"] = "elu"
    initializer: ClassVar[str] = "he_normal"
    alpha: float = Field(default=1.0, ge=0.0)
    """Outputs go down to -alpha."""

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.elu, (self.alpha, 1.0))
