"""Rectified linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class ReLU(Activation):
    """max(0, x). Source: Nair and Hinton 2010. The derivative at 0 is 0."""

    type: Literal["relu"] = "relu"
    initializer: ClassVar[str] = "he_normal"

    @property
    def limits(self) -> tuple[float, ...]:
        return (0.0,)

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(
            inputs, lambda: device.kernels.relu, derivative_of_outputs=True, commutes_with_maximum=True
        )
