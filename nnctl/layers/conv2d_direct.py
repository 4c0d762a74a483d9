"""A convolution as the sum over its taps: any window, stride and dilation."""

from __future__ import annotations

from collections.abc import Sequence

from nnctl.kernels.device import Device
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, StepContext, size_of
from nnctl.layers.window import Pair, Windows


class DirectConvolution(Operation):
    """One over images of shape `inputs`, (height, width, channels). pads: whether there is padding to write."""

    def __init__(
        self, over: Windows, inputs: Shape, parameters: Sequence[ArraySpec], device: Device, *, pads: bool
    ) -> None:
        height, width, channels = inputs
        out_channels = parameters[0].shape[-1]
        sizes = device.kernels.sizes
        padded = tuple(
            max(before + size, (outputs - 1) * stride + reach + 1)
            for size, before, outputs, stride, reach in zip(
                (height, width), over.before, over.outputs, over.stride, over.reach, strict=True
            )
        )
        arrays = [
            *parameters,
            ArraySpec("partial", (sizes.SUM_CHUNKS, *over.kernel, channels, out_channels)),
            ArraySpec("bias_partial", sizes.sum_scratch(out_channels)),
            ArraySpec("flipped", (*over.kernel, out_channels, channels)),
            ArraySpec("padded_gradient", (height + over.reach[0], width + over.reach[1], out_channels), "per_sample"),
        ]
        if pads:
            arrays.append(ArraySpec("padded", (*padded, channels), "per_sample"))
        self.outputs = (*over.outputs, out_channels)
        self.arrays = tuple(arrays)
        self.multiply_adds = over.outputs[0] * over.outputs[1] * size_of(parameters[0].shape)
        self._over, self._inputs, self._pads, self._device = over, inputs, pads, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        conv2d, over = self._device.kernels.conv2d, self._over
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        padded = arrays.inputs
        if self._pads:
            padded = arrays.scratch["padded"]
            conv2d.pad(arrays.inputs, padded, over.before, (1, 1))
        conv2d.forward_bias(padded, weight, bias, arrays.outputs, over.stride, over.dilation, self._inside)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        conv2d, over, scratch, d_outputs = self._device.kernels.conv2d, self._over, arrays.scratch, arrays.d_outputs
        padded = scratch["padded"] if self._pads else arrays.inputs
        d_weight, partial = arrays.gradients["weight"], scratch["partial"]
        d_bias = arrays.gradients.get("bias")
        if d_bias is None:
            conv2d.backward_weight(padded, d_outputs, partial, d_weight, over.stride, over.dilation, self._inside)
        else:
            bias_partial = scratch["bias_partial"]
            conv2d.backward_weight_bias(
                padded, d_outputs, partial, bias_partial, d_weight, d_bias, over.stride, over.dilation, self._inside
            )
        if arrays.d_inputs is not None:
            # the gradient of a convolution is one over the gradient, with the taps flipped
            reach_h, reach_w = over.reach
            conv2d.flip(arrays.parameters["weight"], scratch["flipped"])
            before = (reach_h - over.before[0], reach_w - over.before[1])
            conv2d.pad(d_outputs, scratch["padded_gradient"], before, over.stride)
            last = before[0] + (d_outputs.shape[1] - 1) * over.stride[0]
            inside = (before[0], min(last + 1, scratch["padded_gradient"].shape[1]))
            conv2d.forward(
                scratch["padded_gradient"], scratch["flipped"], arrays.d_inputs, (1, 1), over.dilation, inside
            )

    @property
    def _inside(self) -> Pair:
        """The rows of the padded images that are no padding."""
        return self._over.before[0], self._over.before[0] + self._inputs[0]
