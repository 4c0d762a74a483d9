"""Hard swish."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class HardSwish(Activation):
    """x times its hard sigmoid: 0 up to -3, x from 3 on, x (x + 3) / 6 between. Source: Howard et al. 2019, 5.2.

    The derivative at -3 is 0 and at 3 it is 1, as in PyTorch.
    """

    type: Literal["hard_swish"] = "hard_swish"
    initializer: ClassVar[str] = "he_normal"

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.hard_swish)
