"""Samples in another shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from nnctl.kernels.device import Device
from nnctl.layers.chain import in_words
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Operation, Shape, ShapeError, View, size_of


def _sizes(shape: list[int]) -> list[int]:
    if any(size < -1 or size == 0 for size in shape):
        raise ValueError("has a size that is neither positive nor -1")
    if shape.count(-1) > 1:
        raise ValueError("has more than one -1: only one size can follow from the others")
    return shape


class Reshape(Layer):
    """The numbers of a sample in their order, in another shape. inputs: (N, ...), outputs: (N, *shape), a view."""

    type: Literal["reshape"] = "reshape"
    shape: Annotated[list[int], Field(min_length=1, max_length=10), AfterValidator(_sizes)]
    """The shape of one sample, channels last; one size may be -1, for what is left: `[7, 7, -1]`."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        numbers, known = size_of(inputs), size_of(tuple(size for size in self.shape if size != -1))
        outputs = tuple(numbers // known if size == -1 else size for size in self.shape)
        if size_of(outputs) != numbers:
            what = f"cannot make {in_words(tuple(self.shape))} of {numbers} numbers"
            raise ShapeError(what, "give sizes whose product is that number, or -1 for one of them")
        return Reshaped(outputs, inputs=inputs)


@dataclass(frozen=True)
class Reshaped(View):
    """A view that keeps the steps of a sequence only where the first axis stays as it is."""

    inputs: Shape = ()

    def steps(self, lengths: Array) -> Array:
        if self.inputs[0] != self.outputs[0]:
            raise ShapeError(
                f"makes {in_words(self.outputs)} of {in_words(self.inputs)}: steps of sequences with a length each "
                "would not stay apart",
                "keep the first size, or save the samples without `lengths`",
            )
        return lengths
