"""Average pooling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext
from nnctl.layers.over_images import OverImages
from nnctl.layers.pool2d import Pool2D
from nnctl.layers.window import Windows


class AvgPool2D(Pool2D):
    """The mean of each window over the inputs that it sees, padding not counted. inputs: (N, H, W, C)."""

    type: Literal["avg_pool2d"] = "avg_pool2d"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        over = self.windows(inputs)
        return _AvgPool2DOperation((*over.outputs, inputs[2]), over, device)


@dataclass(frozen=True)
class _AvgPool2DOperation(OverImages):
    outputs: Shape
    over: Windows
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        over = self.over
        self.device.kernels.avg_pool2d.forward(arrays.inputs, arrays.outputs, over.kernel, over.stride, over.before)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            over = self.over
            self.device.kernels.avg_pool2d.backward(
                arrays.d_outputs, arrays.d_inputs, over.kernel, over.stride, over.before
            )
