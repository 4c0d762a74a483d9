"""Images made larger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext
from nnctl.layers.over_images import OverImages
from nnctl.layers.window import Pair, Size, image, pair


class Upsample2D(Layer):
    """An image `scale` times as high and wide. inputs: (N, H, W, C), outputs: (N, H scale, W scale, C).

    As PyTorch's Upsample, with align_corners=False.
    """

    type: Literal["upsample2d"] = "upsample2d"
    keeps_channels: ClassVar[bool] = True
    scale: Size
    """How many times as high and wide: a number or [height, width]."""
    mode: Literal["nearest", "bilinear"] = "nearest"
    """An output is the `nearest` pixel, or between the four around it (`bilinear`)."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        height, width, channels = image(inputs)
        scale = pair(self.scale)
        outputs = height * scale[0], width * scale[1], channels
        return _Upsample2DOperation(outputs, scale, self.mode == "bilinear", device)


@dataclass(frozen=True)
class _Upsample2DOperation(OverImages):
    outputs: Shape
    scale: Pair
    is_bilinear: bool
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels = self.device.kernels.upsample2d
        forward = kernels.forward_bilinear if self.is_bilinear else kernels.forward_nearest
        forward(arrays.inputs, arrays.outputs, self.scale)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            kernels = self.device.kernels.upsample2d
            backward = kernels.backward_bilinear if self.is_bilinear else kernels.backward_nearest
            backward(arrays.d_outputs, arrays.d_inputs, self.scale)
