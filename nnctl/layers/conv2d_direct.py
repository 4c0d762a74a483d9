"""A convolution as the sum over its taps: any window, stride and dilation."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from nnctl.kernels.device import Device
from nnctl.layers.operation import Arrays, ArraySpec, Shape, StepContext, size_of
from nnctl.layers.over_images import OverImages
from nnctl.layers.window import Pair, Windows, gradient_columns, padded_size


class DirectConvolution(OverImages):
    """One over images of shape `inputs`, (height, width, channels).

    parameters: the weight, (*kernel, channels / groups, out_channels), and the bias, where there is one. pads: whether
    there is padding to write.
    """

    def __init__(
        self,
        over: Windows,
        inputs: Shape,
        parameters: Sequence[ArraySpec],
        device: Device,
        *,
        pads: bool,
        groups: int = 1,
    ) -> None:
        height, width, channels = inputs
        out_channels = parameters[0].shape[-1]
        sizes = device.kernels.sizes
        arrays = [
            *parameters,
            ArraySpec("partial", (sizes.SUM_CHUNKS, *parameters[0].shape)),
            ArraySpec("bias_partial", sizes.sum_scratch(out_channels)),
            ArraySpec("by_phase", (*over.kernel, out_channels, channels // groups)),
        ]
        self._edge, columns = gradient_columns(over, width)
        self._pads_gradient = (self._edge, columns) != (0, over.outputs[1])
        if self._pads_gradient:
            arrays.append(ArraySpec("padded_gradient", (over.outputs[0], columns, out_channels), "per_sample"))
        if pads:
            arrays.append(ArraySpec("padded", (*padded_size(over, (height, width)), channels), "per_sample"))
        self.outputs = (*over.outputs, out_channels)
        self.arrays = tuple(arrays)
        self.multiply_adds = over.outputs[0] * over.outputs[1] * size_of(parameters[0].shape)
        self._over, self._inputs, self._pads, self._groups, self._device = over, inputs, pads, groups, device

    def kernels(self) -> tuple[ModuleType, ModuleType]:
        """Those that make the outputs and the weight's gradient, and those that make the inputs' gradient."""
        return self._device.kernels.conv2d, self._device.kernels.conv2d_transpose

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        (convolution, _), over = self.kernels(), self._over
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        padded = arrays.inputs
        if self._pads:
            padded = arrays.scratch["padded"]
            self._device.kernels.conv2d.pad(arrays.inputs, padded, over.before)
        windows = over.stride, over.dilation, self._inside, self._groups
        convolution.forward_bias(padded, weight, bias, arrays.outputs, *windows)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        (convolution, transposed), over = self.kernels(), self._over
        scratch, d_outputs = arrays.scratch, arrays.d_outputs
        padded = scratch["padded"] if self._pads else arrays.inputs
        d_weight, d_bias = arrays.gradients.get("weight"), arrays.gradients.get("bias")
        partial, windows = scratch["partial"], (over.stride, over.dilation, self._inside, self._groups)
        if d_bias is not None:
            bias_partial = scratch["bias_partial"]
            convolution.backward_weight_bias(padded, d_outputs, partial, bias_partial, d_weight, d_bias, *windows)
        elif d_weight is not None:
            convolution.backward_weight(padded, d_outputs, partial, d_weight, *windows)
        if arrays.d_inputs is not None:
            kernels, weight = self._device.kernels, scratch["by_phase"]
            kernels.conv2d_transpose.by_phase(arrays.parameters["weight"], weight, over.stride, over.dilation)
            padded = d_outputs
            if self._pads_gradient:
                padded = scratch["padded_gradient"]
                kernels.conv2d.pad(d_outputs, padded, (0, self._edge))
            transposed.forward(
                padded, weight, arrays.d_inputs, over.before, self._edge, over.stride, over.dilation, self._groups
            )

    @property
    def _inside(self) -> Pair:
        """The rows of the padded images that are no padding."""
        return self._over.before[0], self._over.before[0] + self._inputs[0]
