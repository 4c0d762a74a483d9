"""Augmentation of images: a part of them hidden."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.augmentation import Augmentation
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape, ShapeError
from nnctl.layers.window import Size, image, pair


class Cutout(Layer):
    """In training a rectangle of each image is 0, in all channels, with probability p; in evaluation nothing changes.

    inputs: (N, H, W, C). Its centre is any pixel, all equally likely; what of it lies beyond the edge is nowhere. For
    several rectangles, write the layer several times. Drawn from (seed, epoch, step, layer) and the sample's number in
    the batch, never stored. Source: DeVries and Taylor 2017, "Improved regularization of convolutional neural networks
    with cutout", section 3.
    """

    type: Literal["cutout"] = "cutout"
    size: Size
    """Height and width of the rectangle, in pixels: a number or [height, width]."""
    p: float = Field(default=1.0, gt=0.0, le=1.0)
    """Probability that an image has one."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        height, width, _ = image(inputs)
        size = pair(self.size)
        if size[0] >= height and size[1] >= width:
            what = (
                f"hides {size[0]} x {size[1]} pixels, and an image has {height} x {width}: nothing of it would be left"
            )
            raise ShapeError(what, f"give `size: {max(min(height, width) // 2, 1)}`, or less")
        return Augmentation(inputs, self.type, lambda: device.kernels.cutout, (*size, self.p), device)
