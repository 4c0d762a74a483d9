"""Rectified linear unit with a learnt slope."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.initializers.constant import Constant
from nnctl.initializers.initializer import OneInitializer
from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation
from nnctl.layers.freezable import Freezable
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext


class PReLU(Activation, Freezable):
    """x where x > 0, else slope x, and the slope is learnt. The derivative at 0 is the slope.

    inputs: (N, C), (N, T, C) or (N, H, W, C). Source: He et al. 2015, "Delving deep into rectifiers", equations 1
    and 3.
    """

    type: Literal["prelu"] = "prelu"
    initializer: ClassVar[str] = "he_normal"
    per_channel: bool = False
    """Whether each channel, along the last axis, has a slope of its own; else there is one for all."""
    slope: OneInitializer = Constant(value=0.25)
    """How the slope starts: an initializer, a number, or a list of numbers, one a slope."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if self.per_channel and not inputs:
            raise ShapeError("needs channels, at least one axis a sample", "leave `per_channel` out")
        return _PReLUOperation(inputs, self, device)


class _PReLUOperation(Operation):
    def __init__(self, inputs: Shape, settings: PReLU, device: Device) -> None:
        channels = inputs[-1] if settings.per_channel else 1
        sizes = device.kernels.sizes
        self.outputs = inputs
        self.arrays = (
            ArraySpec("slope", (channels,), "parameter", settings.slope, fans=(channels, channels)),
            ArraySpec("slopes", (sizes.side_by_side(channels),)),
            ArraySpec("partial", sizes.sum_scratch(channels), dtype="float64"),
        )
        self._is_sequence = len(inputs) == 2
        self._device = device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        slope, slopes = arrays.parameters["slope"], arrays.scratch["slopes"]
        self._device.kernels.prelu.forward(arrays.inputs.ravel(), slope, slopes, arrays.outputs.ravel())

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, scratch = self._device.kernels.prelu, arrays.scratch
        both = _by_sample(arrays.inputs), _by_sample(arrays.d_outputs)
        lengths = arrays.lengths if self._is_sequence else None
        steps = self.outputs[0] if self._is_sequence else 1
        if arrays.gradients:
            kernels.backward_slope(*both, lengths, steps, scratch["partial"], arrays.gradients["slope"])
        if arrays.d_inputs is not None:
            flat = (array.ravel() for array in (arrays.inputs, arrays.d_outputs))
            kernels.backward_inputs(*flat, scratch["slopes"], arrays.d_inputs.ravel())


def _by_sample(array: Array) -> Array:
    """As (N, size)."""
    return array.reshape(len(array), -1)
