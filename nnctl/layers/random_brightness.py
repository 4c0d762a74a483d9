"""Augmentation of images: brighter and darker."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.augmentation import Augmentation
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape


class RandomBrightness(Layer):
    """In training one number, from -amount to amount, is added to all of an image; in evaluation nothing changes.

    inputs: (N, H, W, C). Nothing is clipped. Drawn from (seed, epoch, step, layer) and the sample's number in the
    batch, never stored.
    """

    type: Literal["random_brightness"] = "random_brightness"
    amount: float = Field(gt=0.0)
    """What is added at most, in the inputs' own units: pictures go from 0 to 1 unless `data` says otherwise."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return Augmentation(inputs, self.type, lambda: device.kernels.random_brightness, (self.amount,), device)
