"""Hard sigmoid."""

from __future__ import annotations

from typing import Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation, ElementwiseOperation
from nnctl.layers.operation import Shape


class HardSigmoid(Activation):
    """x / 6 + 1/2, limited to 0 and 1: PyTorch's. The derivative at -3 and 3 is 0. Source: Howard et al. 2019, 5.2."""

    type: Literal["hard_sigmoid"] = "hard_sigmoid"

    @property
    def limits(self) -> tuple[float, ...]:
        return (0.0, 1.0)

    def plan(self, inputs: Shape, device: Device) -> ElementwiseOperation:
        return ElementwiseOperation(inputs, lambda: device.kernels.hard_sigmoid)
