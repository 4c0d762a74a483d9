"""Augmentation of images: mirrored."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.augmentation import Augmentation
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape


class RandomFlip(Layer):
    """In training each image is mirrored with probability p; in evaluation nothing changes. inputs: (N, H, W, C).

    To mirror along both axes, write the layer twice. Drawn from (seed, epoch, step, layer) and the sample's number in
    the batch, never stored.
    """

    type: Literal["random_flip"] = "random_flip"
    axis: Literal["horizontal", "vertical"] = "horizontal"
    """`horizontal`: left and right are swapped; `vertical`: top and bottom."""
    p: float = Field(default=0.5, gt=0.0, le=1.0)
    """Probability that an image is mirrored."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        settings = (self.axis == "horizontal", self.p)
        return Augmentation(inputs, self.type, lambda: device.kernels.random_flip, settings, device)
