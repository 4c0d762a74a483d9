"""The logistic function."""

from __future__ import annotations

from typing import Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class Sigmoid(Activation):
    """1 / (1 + exp(-x)), between 0 and 1."""

    type: Literal["sigmoid"] = "sigmoid"

    @property
    def limits(self) -> tuple[float, ...]:
        return (0.0, 1.0)

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.sigmoid, derivative_of_outputs=True)
