"""Augmentation of images: more and less contrast."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.augmentation import Augmentation
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape


class RandomContrast(Layer):
    """In training each image is stretched around its mean by a random factor; in evaluation nothing changes.

    inputs: (N, H, W, C). outputs = mean + factor (inputs - mean), where the mean is that of all pixels and channels of
    the image, and the factor is from 1 - amount to 1 + amount. Nothing is clipped. Drawn from (seed, epoch, step,
    layer) and the sample's number in the batch, never stored.
    """

    type: Literal["random_contrast"] = "random_contrast"
    amount: float = Field(gt=0.0, le=1.0)
    """How far the factor is from 1 at most."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return Augmentation(inputs, self.type, lambda: device.kernels.random_contrast, (self.amount,), device)
