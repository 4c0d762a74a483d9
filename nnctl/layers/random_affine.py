"""Augmentation of images: turned, scaled and shifted."""

from __future__ import annotations

from math import radians
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nnctl.kernels.device import Device
from nnctl.layers.augmentation import Augmentation
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape
from nnctl.layers.window import image

Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class RandomAffine(Layer):
    """In training each image is turned, scaled and shifted by random numbers; in evaluation nothing changes.

    inputs: (N, H, W, C). All three at once, so that an image is blurred once: an output is between the four pixels
    around the place that it comes from (bilinear); what comes in from outside is 0. All numbers in the ranges are
    equally likely. They are drawn from (seed, epoch, step, layer) and the sample's number in the batch, never stored.
    """

    type: Literal["random_affine"] = "random_affine"
    degrees: float = Field(ge=0.0, le=180.0)
    """How far it is turned at most, to either side; 0 for not."""
    scale: list[Annotated[float, Field(gt=0.0)]] = Field(default=[1.0, 1.0], min_length=2, max_length=2)
    """`[smallest, largest]`, how many times as large: [0.9, 1.1] for 10 % in both directions."""
    shift: Fraction | Annotated[list[Fraction], Field(min_length=2, max_length=2)] = 0.0
    """How far at most, in every direction, as a part of its size: a number or [of the height, of the width]."""

    @model_validator(mode="after")
    def _changes_something(self) -> RandomAffine:
        if self.scale[0] > self.scale[1]:
            raise ValueError(f"`scale` is from {self.scale[0]:g} to {self.scale[1]:g}; give the smaller one first")
        if not self.degrees and self.scale == [1.0, 1.0] and self.shift in (0.0, [0.0, 0.0]):
            raise ValueError("changes nothing; give `degrees`, `scale` or `shift`")
        return self

    def plan(self, inputs: Shape, device: Device) -> Operation:
        height, width, _ = image(inputs)
        down, right = self.shift if isinstance(self.shift, list) else (self.shift, self.shift)
        settings = (radians(self.degrees), *self.scale, down * height, right * width)
        return Augmentation(inputs, self.type, lambda: device.kernels.random_affine, settings, device)
