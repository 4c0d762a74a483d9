"""The two-dimensional convolution."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.layer import CHUNKS, Arrays, Layer, LayerPlan, Parameter, Pass, Scratch, Shape, scratch_for_sum
from nnctl.layers.window import Padding, Size, Windows, image, pair, windows


class Conv2D(Layer):
    """Cross-correlation over height and width.

    outputs[h, w] = bias + sum over i, j of inputs[h stride + i dilation - padding, w stride + j dilation - padding]
    weight[i, j]. inputs: (N, H, W, in_channels), weight: (height, width, in_channels, out_channels).
    Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning".
    """

    type: Literal["conv2d"] = "conv2d"
    out_channels: int = Field(ge=1)
    """Number of output channels."""
    kernel_size: Size
    """Height and width of the window: a number or [height, width]."""
    stride: Size = 1
    """Distance between windows: a number or [height, width]."""
    padding: Padding = "valid"
    """Zeros around the image: `valid` (none), `same` (ceil(size / stride) outputs), or a number for every side."""
    dilation: Size = 1
    """Distance between the inputs of one window: a number or [height, width]."""
    weight: MaybeInitializer = None
    """How the weight starts: an initializer, or lists of numbers (height, width, in_channels, out_channels)."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape) -> LayerPlan:
        height, width, channels = image(inputs)
        over = self._windows(height, width)
        taps, (rows, columns) = over.kernel[0] * over.kernel[1], over.outputs
        fan_in, fan_out = taps * channels, taps * self.out_channels
        shape = (*over.kernel, channels, self.out_channels)
        parameters = [Parameter("weight", shape, fan_in, fan_out, self.weight or XavierUniform())]
        if self.bias is not None:
            parameters.append(Parameter("bias", (self.out_channels,), fan_in, fan_out, self.bias))
        return LayerPlan(
            outputs=(rows, columns, self.out_channels),
            parameters=tuple(parameters),
            scratch=self._scratch(over, inputs),
            multiply_adds=rows * columns * fan_in * self.out_channels,
        )

    def forward(self, arrays: Arrays, run: Pass) -> None:
        conv2d = run.kernels.conv2d
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        over = self._windows(*arrays.inputs.shape[1:3])
        padded = arrays.scratch.get("padded", arrays.inputs)
        if padded is not arrays.inputs:
            conv2d.pad(arrays.inputs, padded, over.before, (1, 1))
        inside = (over.before[0], over.before[0] + arrays.inputs.shape[1])
        if bias is None:
            conv2d.forward(padded, weight, arrays.outputs, over.stride, over.dilation, inside)
        else:
            conv2d.forward_bias(padded, weight, bias, arrays.outputs, over.stride, over.dilation, inside)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        over = self._windows(*arrays.inputs.shape[1:3])
        conv2d, scratch, d_outputs = run.kernels.conv2d, arrays.scratch, arrays.d_outputs
        padded = scratch.get("padded", arrays.inputs)
        d_weight, partial = arrays.gradients["weight"], scratch["partial"]
        inside = (over.before[0], over.before[0] + arrays.inputs.shape[1])
        d_bias = arrays.gradients.get("bias")
        if d_bias is None:
            conv2d.backward_weight(padded, d_outputs, partial, d_weight, over.stride, over.dilation, inside)
        else:
            bias_partial = scratch["bias_partial"]
            conv2d.backward_weight_bias(
                padded, d_outputs, partial, bias_partial, d_weight, d_bias, over.stride, over.dilation, inside
            )
        if arrays.d_inputs is not None:
            # the gradient of a convolution is one over the gradient, with the taps turned round
            reach_h, reach_w = over.reach
            conv2d.flip(arrays.parameters["weight"], scratch["flipped"])
            before = (reach_h - over.before[0], reach_w - over.before[1])
            conv2d.pad(d_outputs, scratch["padded_gradient"], before, over.stride)
            last = before[0] + (d_outputs.shape[1] - 1) * over.stride[0]
            inside = (before[0], min(last + 1, scratch["padded_gradient"].shape[1]))
            conv2d.forward(
                scratch["padded_gradient"], scratch["flipped"], arrays.d_inputs, (1, 1), over.dilation, inside
            )

    def _scratch(self, over: Windows, inputs: Shape) -> tuple[Scratch, ...]:
        height, width, channels = inputs
        reach_h, reach_w = over.reach
        padded = tuple(
            max(before + size, (outputs - 1) * stride + reach + 1)
            for size, before, outputs, stride, reach in zip(
                (height, width), over.before, over.outputs, over.stride, over.reach, strict=True
            )
        )
        own = [
            Scratch("partial", (CHUNKS, *over.kernel, channels, self.out_channels), per_sample=False),
            scratch_for_sum("bias_partial", self.out_channels),
            Scratch("flipped", (*over.kernel, self.out_channels, channels), per_sample=False),
            Scratch("padded_gradient", (height + reach_h, width + reach_w, self.out_channels)),
        ]
        if self.padding not in ("valid", 0):
            own.append(Scratch("padded", (*padded, channels)))
        return tuple(own)

    def _windows(self, height: int, width: int) -> Windows:
        kernel, stride, dilation = pair(self.kernel_size), pair(self.stride), pair(self.dilation)
        return windows((height, width), kernel, stride, dilation, self.padding)
