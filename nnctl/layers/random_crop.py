"""Augmentation of images: a part of each, anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Arrays, Operation, Shape, ShapeError, StepContext
from nnctl.layers.over_images import OverImages
from nnctl.layers.window import NotNegative, Pair, Size, image, pair


class RandomCrop(Layer):
    """In training a part of each image, at a random place; in evaluation the part in its middle.

    inputs: (N, H, W, C), outputs: (N, *size, C). With `padding` and without `size` it shifts images: they stay as large
    as they are, and in evaluation nothing changes. All places are equally likely; the padding is 0. The place is drawn
    from (seed, epoch, step, layer) and the sample's number in the batch, never stored.
    """

    type: Literal["random_crop"] = "random_crop"
    padding: NotNegative | Annotated[list[NotNegative], Field(min_length=2, max_length=2)]
    """Pixels added on every side before that: a number or [above and below, left and right]; 0 for none."""
    size: Size | None = None
    """Height and width of the part: a number or [height, width]. Unset: the inputs'."""

    @model_validator(mode="after")
    def _changes_something(self) -> RandomCrop:
        if self.size is None and not any(pair(self.padding)):
            raise ValueError("changes nothing; give a `padding` to shift images, or a `size` to take a part of them")
        return self

    def plan(self, inputs: Shape, device: Device) -> Operation:
        *own, channels = image(inputs)
        size, padding = pair(self.size or own), pair(self.padding)
        for name, part, whole, added in zip(("height", "width"), size, own, padding, strict=True):
            if part > whole + 2 * added:
                edges = f" with padding {added} on both sides, {whole + 2 * added}," if added else ""
                what = f"size {part} is larger than its inputs' {name}, {whole}{edges}".rstrip(",")
                raise ShapeError(what, f"give a `size` of {whole} or less")
            if added >= part:
                what = (
                    f"padding {added} is as much as the part's {name}, {part}: some parts would be nothing but padding"
                )
                raise ShapeError(what, f"give a `padding` of {part - 1} or less")
        return _RandomCropOperation((*size, channels), padding, device)


@dataclass(frozen=True)
class _RandomCropOperation(OverImages):
    outputs: Shape
    padding: Pair
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        key = step.key("random_crop")
        self.device.kernels.random_crop.forward(arrays.inputs, arrays.outputs, self.padding, step.training, key)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            key = step.key("random_crop")
            self.device.kernels.random_crop.backward(
                arrays.d_outputs, arrays.d_inputs, self.padding, step.training, key
            )
