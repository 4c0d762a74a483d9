"""Scaled exponential linear unit."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape

ALPHA = 1.6732632423543772848170429916717
SCALE = 1.0507009873554804934193349852946


class SELU(Activation):
    """1.0507 x where x > 0, else 1.0507 x 1.6733 (exp(x) - 1), which keeps mean 0 and variance 1 from layer to layer.

    Weights should start as `lecun_normal`, the default in front of it. Source: Klambauer et al. 2017, equations 2
    and 14.
    """

    type: Literal["selu"] = "selu"
    initializer: ClassVar[str] = "lecun_normal"

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.elu, (SCALE * ALPHA, SCALE))
