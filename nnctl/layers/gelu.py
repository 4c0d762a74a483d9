"""Gaussian error linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class GELU(Activation):
    """x Phi(x), Phi the normal distribution function, exact (no tanh). Source: Hendrycks and Gimpel 2016."""

    type: Literal["gelu"] = "gelu"
    initializer: ClassVar[str] = "he_normal"

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.gelu)
