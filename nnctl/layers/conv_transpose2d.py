"""The transposed convolution: a larger image out of a smaller one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.convolution import check_groups
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext, size_of
from nnctl.layers.over_images import OverImages
from nnctl.layers.regularization import WeightedLayer
from nnctl.layers.window import (
    NotNegative,
    Padding,
    Pair,
    Size,
    Windows,
    gradient_columns,
    image,
    padded_size,
    pair,
)


class ConvTranspose2D(WeightedLayer):
    """The gradient of a conv2d as a layer: each input is spread over a window of outputs, as in PyTorch.

    inputs: (N, H, W, in_channels), weight: (height, width, out_channels / groups, in_channels), outputs: (N, H', W',
    out_channels) with H' = (H - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1.
    Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 4.
    """

    type: Literal["conv_transpose2d"] = "conv_transpose2d"
    out_channels: int = Field(ge=1)
    """Number of output channels."""
    kernel_size: Size
    """Height and width of the window: a number or [height, width]."""
    stride: Size = 1
    """Distance between windows in the outputs: a number or [height, width]."""
    padding: Padding = "valid"
    """How many outputs are left out on every side: `valid` (none), a number, or as many as it takes for size x stride
    outputs (`same`)."""
    output_padding: NotNegative | Annotated[list[NotNegative], Field(min_length=2, max_length=2)] = 0
    """Outputs that are added below and to the right: a number or [height, width], smaller than stride or dilation."""
    dilation: Size = 1
    """Distance between the outputs of one window: a number or [height, width]."""
    groups: int = Field(default=1, ge=1)
    """Into how many groups channels are divided: a group of outputs is made of the same group of inputs alone."""
    weight: MaybeInitializer = None
    """How the weight starts: an initializer, or lists of numbers (height, width, out_channels / groups, in_channels).
    """
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        height, width, channels = image(inputs)
        check_groups(self.groups, channels, self.out_channels)
        over, size = self._windows((height, width))
        made, taps = self.out_channels // self.groups, over.kernel[0] * over.kernel[1]
        # an output is in as many windows as there are taps for each step of the stride
        fan_in = max(1, taps * channels // (self.groups * over.stride[0] * over.stride[1]))
        fans, shape = (fan_in, taps * made), (*over.kernel, made, channels)
        parameters = [ArraySpec("weight", shape, "parameter", self.weight or XavierUniform(), fans=fans)]
        if self.bias is not None:
            parameters.append(ArraySpec("bias", (self.out_channels,), "parameter", self.bias, fans=fans))
        return _TransposedOperation(over, size, self.out_channels, parameters, self.groups, device)

    def _windows(self, inputs: Pair) -> tuple[Windows, Pair]:
        """The windows over the outputs, one for each input, and the height and width of the outputs."""
        kernel, stride, dilation, added = (
            pair(size) for size in (self.kernel_size, self.stride, self.dilation, self.output_padding)
        )
        sides = [
            self._along(axis, *sizes)
            for axis, *sizes in zip(("height", "width"), inputs, kernel, stride, dilation, added, strict=True)
        ]
        before, size = (sides[0][0], sides[1][0]), (sides[0][1], sides[1][1])
        return Windows(kernel, stride, dilation, before, inputs), size

    def _along(self, axis: str, inputs: int, kernel: int, stride: int, dilation: int, added: int) -> Pair:
        """The outputs left out in front, and how many are left."""
        if added >= max(stride, dilation):
            what = f"output_padding {added} is not smaller than its stride {stride} or dilation {dilation}"
            raise ShapeError(what, f"use an output_padding of at most {max(stride, dilation) - 1}")
        reach = dilation * (kernel - 1) + 1
        if self.padding == "same":
            return max(reach - stride, 0) // 2, inputs * stride + added
        before = self.padding if isinstance(self.padding, int) else 0
        size = (inputs - 1) * stride + reach - 2 * before + added
        if size < 1:
            what = f"padding {before} leaves out all outputs along the {axis}"
            raise ShapeError(what, "use a smaller padding, or `padding: same`")
        return before, size


class _TransposedOperation(OverImages):
    """over: the windows of the convolution whose gradient it is, over images of `size`, which are the outputs."""

    def __init__(
        self,
        over: Windows,
        size: Pair,
        out_channels: int,
        parameters: list[ArraySpec],
        groups: int,
        device: Device,
    ) -> None:
        weight = parameters[0].shape
        kernel, channels = weight[:2], weight[3]
        sizes, padded = device.kernels.sizes, padded_size(over, size)
        self._edge, columns = gradient_columns(over, size[1])
        self._pads_inputs = (self._edge, columns) != (0, over.outputs[1])
        self._pads_gradient = padded != size
        arrays = [
            *parameters,
            ArraySpec("partial", (sizes.SUM_CHUNKS, *weight)),
            ArraySpec("bias_partial", sizes.sum_scratch(out_channels)),
            ArraySpec("by_phase", (*kernel, channels, out_channels // groups)),
        ]
        if self._pads_inputs:
            arrays.append(ArraySpec("padded", (over.outputs[0], columns, channels), "per_sample"))
        if self._pads_gradient:
            arrays.append(ArraySpec("padded_gradient", (*padded, out_channels), "per_sample"))
        self.outputs = (*size, out_channels)
        self.arrays = tuple(arrays)
        self.multiply_adds = over.outputs[0] * over.outputs[1] * size_of(weight)
        self._over, self._size, self._groups, self._device = over, size, groups, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, over, weight, inputs = self._device.kernels, self._over, arrays.scratch["by_phase"], arrays.inputs
        kernels.conv2d_transpose.by_phase(arrays.parameters["weight"], weight, over.stride, over.dilation)
        if self._pads_inputs:
            inputs = arrays.scratch["padded"]
            kernels.conv2d.pad(arrays.inputs, inputs, (0, self._edge))
        bias, windows = arrays.parameters.get("bias"), (over.stride, over.dilation, self._groups)
        kernels.conv2d_transpose.forward_bias(inputs, weight, bias, arrays.outputs, over.before, self._edge, *windows)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, over, scratch, d_outputs = self._device.kernels, self._over, arrays.scratch, arrays.d_outputs
        if "bias" in arrays.gradients:
            kernels.sum_rows.sum_rows(d_outputs, scratch["bias_partial"], arrays.gradients["bias"])
        if self._pads_gradient:
            d_outputs = scratch["padded_gradient"]
            kernels.conv2d.pad(arrays.d_outputs, d_outputs, over.before)
        windows = over.stride, over.dilation, (over.before[0], over.before[0] + self._size[0]), self._groups
        if arrays.gradients:
            d_weight = arrays.gradients["weight"]
            kernels.conv2d.backward_weight(d_outputs, arrays.inputs, scratch["partial"], d_weight, *windows)
        if arrays.d_inputs is not None:
            kernels.conv2d.forward(d_outputs, arrays.parameters["weight"], arrays.d_inputs, *windows)
