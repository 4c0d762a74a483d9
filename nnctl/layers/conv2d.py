"""The two-dimensional convolution."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.layer import Arrays, Layer, LayerPlan, Parameter, Pass, Scratch, Shape
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
        transposed = (*over.kernel, self.out_channels, channels)
        return LayerPlan(
            outputs=(rows, columns, self.out_channels),
            parameters=tuple(parameters),
            scratch=(Scratch("weight_transposed", transposed, per_sample=False),),
            multiply_adds=rows * columns * fan_in * self.out_channels,
        )

    def forward(self, arrays: Arrays, run: Pass) -> None:
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        over = self._windows(*arrays.inputs.shape[1:3])
        where = over.stride, over.dilation, over.before
        if bias is None:
            run.kernels.conv2d.forward(arrays.inputs, weight, arrays.outputs, *where)
        else:
            run.kernels.conv2d.forward_bias(arrays.inputs, weight, bias, arrays.outputs, *where)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        over = self._windows(*arrays.inputs.shape[1:3])
        where = over.stride, over.dilation, over.before
        conv2d, d_outputs = run.kernels.conv2d, arrays.d_outputs
        conv2d.backward_weight(arrays.inputs, d_outputs, arrays.gradients["weight"], *where)
        if "bias" in arrays.gradients:
            run.kernels.matmul.sum_rows(d_outputs.reshape(-1, self.out_channels), arrays.gradients["bias"])
        if arrays.d_inputs is not None:
            transposed = arrays.scratch["weight_transposed"]
            conv2d.transpose(arrays.parameters["weight"], transposed)
            conv2d.backward_inputs(d_outputs, transposed, arrays.d_inputs, *where)

    def _windows(self, height: int, width: int) -> Windows:
        kernel, stride, dilation = pair(self.kernel_size), pair(self.stride), pair(self.dilation)
        return windows((height, width), kernel, stride, dilation, self.padding)
