"""A convolution with as many groups as channels: each channel by itself, in vectors of channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

from nnctl.kernels.device import Device
from nnctl.layers.conv2d_direct import DirectConvolution
from nnctl.layers.operation import Arrays, ArraySpec, Shape, StepContext
from nnctl.layers.window import Windows


class DepthwiseConvolution(DirectConvolution):
    """One over images of shape `inputs`, (height, width, channels).

    parameters: the weight, (*kernel, 1, channels * multiplier), and the bias, where there is one. Where several outputs
    are made of a channel, it is repeated: so the kernels have as many inputs as outputs.
    """

    def __init__(
        self, over: Windows, inputs: Shape, parameters: Sequence[ArraySpec], device: Device, *, pads: bool
    ) -> None:
        out_channels = parameters[0].shape[-1]
        repeated = *inputs[:2], out_channels
        super().__init__(over, repeated, parameters, device, pads=pads, groups=out_channels)
        self._times = out_channels // inputs[2]
        if self._times > 1:
            own = [ArraySpec(name, repeated, "per_sample") for name in ("repeated", "d_repeated")]
            self.arrays = (*self.arrays, *own)

    def kernels(self) -> tuple[ModuleType, ModuleType]:
        kernels = self._device.kernels
        return kernels.depthwise_conv2d, kernels.depthwise_conv2d_transpose

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        if self._times > 1:
            repeated = arrays.scratch["repeated"]
            self._device.kernels.repeat_channels.repeat(arrays.inputs.ravel(), repeated.ravel(), self._times)
            arrays = replace(arrays, inputs=repeated)
        super().forward(arrays, step)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        d_inputs = arrays.d_inputs
        if self._times > 1:
            d_repeated = None if d_inputs is None else arrays.scratch["d_repeated"]
            arrays = replace(arrays, inputs=arrays.scratch["repeated"], d_inputs=d_repeated)
        super().backward(arrays, step)
        if self._times > 1 and d_inputs is not None and arrays.d_inputs is not None:
            add_up = self._device.kernels.repeat_channels.add_up
            add_up(arrays.d_inputs.ravel(), d_inputs.ravel(), self._times)
