"""The axes of a sample in another order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from nnctl.kernels.device import Device
from nnctl.layers.chain import in_words
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, Operation, Shape, ShapeError, StepContext, size_of


def _permutation(axes: list[int]) -> list[int]:
    if sorted(axes) != list(range(1, len(axes) + 1)):
        raise ValueError(f"is no order of the axes 1 to {len(axes)}: each once, and axis 0 is the batch")
    return axes


class Permute(Layer):
    """The axes of a sample in another order: outputs have the inputs' axes in the order of `axes`.

    Axes count from 1, as for Keras; for PyTorch, too, where axis 0 is the batch. `axes: [2, 1]` makes (N, F, T) of
    (N, T, F).
    """

    type: Literal["permute"] = "permute"
    axes: Annotated[list[int], Field(min_length=1, max_length=10), AfterValidator(_permutation)]
    """Which axis of the inputs each axis of the outputs is, from 1: `[3, 1, 2]` puts the channels first."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if len(inputs) != len(self.axes):
            what = f"has an order of {len(self.axes)} axes, and its inputs have {len(inputs)} without the batch"
            raise ShapeError(what, "name each axis of a sample once, from 1")
        return _PermuteOperation(inputs, tuple(axis - 1 for axis in self.axes), device)


class _PermuteOperation(Operation):
    """axes: from 0, without the batch."""

    def __init__(self, inputs: Shape, axes: Shape, device: Device) -> None:
        self.outputs = tuple(inputs[axis] for axis in axes)
        self._inputs, self._axes, self._device = inputs, axes, device
        self._strides = _strides(inputs, axes)
        self._back = _strides(self.outputs, tuple(axes.index(axis) for axis in range(len(axes))))

    def steps(self, lengths: Array) -> Array:
        if self._axes[0] != 0:
            raise ShapeError(
                f"makes {in_words(self.outputs)} of {in_words(self._inputs)}: the steps of sequences with a length "
                "each are the first axis",
                "leave axis 1 the first, or save the samples without `lengths`",
            )
        return lengths

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        permute = self._device.kernels.permute.permute
        permute(arrays.inputs.ravel(), arrays.outputs.ravel(), self.outputs, self._strides)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            permute = self._device.kernels.permute.permute
            permute(arrays.d_outputs.ravel(), arrays.d_inputs.ravel(), self._inputs, self._back)


def _strides(shape: Shape, axes: Shape) -> Shape:
    """How far the elements along each of these axes lie apart in memory."""
    return tuple(size_of(shape[axis + 1 :]) for axis in axes)
