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
            ArraySpec("by_phase", (*over.kernel, out_channels, channels)),
        ]
        self._edge, columns = _columns(over, width)
        self._pads_gradient = (self._edge, columns) != (0, over.outputs[1])
        if self._pads_gradient:
            arrays.append(ArraySpec("padded_gradient", (over.outputs[0], columns, out_channels), "per_sample"))
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
            conv2d.pad(arrays.inputs, padded, over.before)
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
            conv2d_transpose, weight = self._device.kernels.conv2d_transpose, scratch["by_phase"]
            conv2d_transpose.by_phase(arrays.parameters["weight"], weight, over.stride, over.dilation)
            padded = d_outputs
            if self._pads_gradient:
                padded = scratch["padded_gradient"]
                conv2d.pad(d_outputs, padded, (0, self._edge))
            conv2d_transpose.forward(
                padded, weight, arrays.d_inputs, over.before, self._edge, over.stride, over.dilation
            )

    @property
    def _inside(self) -> Pair:
        """The rows of the padded images that are no padding."""
        return self._over.before[0], self._over.before[0] + self._inputs[0]


def _columns(over: Windows, width: int) -> Pair:
    """What the gradient of the inputs reads of the outputs': the columns of zeros on the left, and all columns."""
    stride, before = over.stride[1], over.before[1]
    edge = max(0, -((before - over.reach[1]) // stride))
    return edge, edge + max(over.outputs[1], (width - 1 + before) // stride + 1)
