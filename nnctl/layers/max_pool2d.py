"""Maximum pooling."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, StepContext
from nnctl.layers.over_images import OverImages
from nnctl.layers.pool2d import Pool2D
from nnctl.layers.window import Windows


class MaxPool2D(Pool2D):
    """The largest number of each window; among equals the first gets the gradient. inputs: (N, H, W, C)."""

    type: Literal["max_pool2d"] = "max_pool2d"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _MaxPool2DOperation(self.windows(inputs), inputs[2], device)


class _MaxPool2DOperation(OverImages):
    selects_maximum = True

    def __init__(self, over: Windows, channels: int, device: Device) -> None:
        self.outputs = (*over.outputs, channels)
        self.arrays = (ArraySpec("argmax", self.outputs, "per_sample", dtype="int32"),)
        self._over, self._device = over, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        over = self._over
        self._device.kernels.max_pool2d.forward(
            arrays.inputs, arrays.outputs, arrays.scratch["argmax"], over.kernel, over.stride, over.before
        )

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            over = self._over
            self._device.kernels.max_pool2d.backward(
                arrays.d_outputs, arrays.scratch["argmax"], arrays.d_inputs, over.kernel, over.stride, over.before
            )
