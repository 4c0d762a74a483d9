"""Dropout of whole channels."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext, size_of


class SpatialDropout(Layer):
    """In training each channel of each sample is 0 with probability p, else it is divided by 1 - p.

    inputs: (N, T, C) or (N, H, W, C); a channel is dropped at all of its steps or pixels, whose neighbours would
    otherwise tell what it was. In evaluation nothing changes. The mask is computed from (seed, epoch, step, layer),
    never stored. Source: Tompson et al. 2015, section 3.2.
    """

    type: Literal["spatial_dropout"] = "spatial_dropout"
    keeps_channels: ClassVar[bool] = True
    p: float = Field(default=0.5, ge=0.0, lt=1.0)
    """Probability that a channel is dropped."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if len(inputs) < 2:
            raise ShapeError("needs steps or pixels, at least two axes a sample", "use dropout for rows of features")
        return _SpatialDropoutOperation(inputs, self.p, device)


class _SpatialDropoutOperation(Operation):
    def __init__(self, inputs: Shape, p: float, device: Device) -> None:
        channels = inputs[-1]
        self.outputs = inputs
        self.arrays = (ArraySpec("factors", (device.kernels.sizes.side_by_side(channels),), "per_sample"),)
        self._shape = size_of(inputs[:-1]), channels
        self._p, self._device = p, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self._mask(arrays.inputs, arrays, arrays.outputs, step)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            self._mask(arrays.d_outputs, arrays, arrays.d_inputs, step)

    def _mask(self, source: Array, arrays: Arrays, target: Array, step: StepContext) -> None:
        kernels = self._device.kernels
        if step.training:
            key, both = step.key("spatial_dropout"), [array.reshape(-1, *self._shape) for array in (source, target)]
            kernels.spatial_dropout.mask(both[0], arrays.scratch["factors"], both[1], self._p, key)
        else:
            kernels.copy.copy(source.ravel(), target.ravel())
