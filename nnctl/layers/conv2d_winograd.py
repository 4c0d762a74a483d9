"""A convolution of 3x3 windows by Winograd's minimal filtering, in less than half the multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence

from nnctl.kernels.device import Device
from nnctl.layers.operation import Arrays, ArraySpec, Shape, StepContext, size_of
from nnctl.layers.over_images import OverImages
from nnctl.layers.window import Windows


class WinogradConvolution(OverImages):
    """One over images of shape `inputs`, (height, width, channels)."""

    def __init__(self, over: Windows, inputs: Shape, parameters: Sequence[ArraySpec], device: Device) -> None:
        channels, out_channels = parameters[0].shape[-2:]
        sizes = device.kernels.sizes
        self.outputs = (*over.outputs, out_channels)
        self.arrays = (
            *parameters,
            ArraySpec("transformed", (16, channels, out_channels)),
            ArraySpec("flipped", (16, out_channels, channels)),
            ArraySpec("partial", (sizes.SUM_CHUNKS, 16, channels, out_channels)),
            ArraySpec("summed", (16, channels, out_channels)),
            ArraySpec("bias_partial", sizes.sum_scratch(out_channels)),
        )
        self.multiply_adds = over.outputs[0] * over.outputs[1] * size_of(parameters[0].shape)
        self._over, self._device = over, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        winograd, transformed = self._device.kernels.winograd, arrays.scratch["transformed"]
        bias = arrays.parameters.get("bias")
        winograd.transform(arrays.parameters["weight"], transformed)
        winograd.forward_bias(arrays.inputs, transformed, bias, arrays.outputs, self._over.before)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        winograd, scratch, before = self._device.kernels.winograd, arrays.scratch, self._over.before
        d_weight, d_bias = arrays.gradients.get("weight"), arrays.gradients.get("bias")
        partial, summed, inputs, d_outputs = scratch["partial"], scratch["summed"], arrays.inputs, arrays.d_outputs
        if d_bias is not None:
            bias_partial = scratch["bias_partial"]
            winograd.backward_weight_bias(inputs, d_outputs, partial, bias_partial, summed, d_weight, d_bias, before)
        elif d_weight is not None:
            winograd.backward_weight(inputs, d_outputs, partial, summed, d_weight, before)
        if arrays.d_inputs is not None:
            # the gradient of a convolution is one over the gradient, with the taps flipped
            winograd.flip(scratch["transformed"], scratch["flipped"])
            winograd.forward(d_outputs, scratch["flipped"], arrays.d_inputs, (2 - before[0], 2 - before[1]))
