"""The hyperbolic tangent."""

from __future__ import annotations

from typing import Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class Tanh(Activation):
    """tanh(x), between -1 and 1."""

    type: Literal["tanh"] = "tanh"

    @property
    def limits(self) -> tuple[float, ...]:
        return (-1.0, 1.0)

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.tanh, derivative_of_outputs=True)
