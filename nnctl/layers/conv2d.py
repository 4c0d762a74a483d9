"""The two-dimensional convolution."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.conv2d_direct import Direct
from nnctl.layers.conv2d_winograd import Winograd, pays
from nnctl.layers.layer import Arrays, Layer, LayerPlan, Parameter, Pass, Shape
from nnctl.layers.window import Padding, Size, image, pair, windows


class Conv2D(Layer):
    """Cross-correlation over height and width.

    outputs[h, w] = bias + sum over i, j of inputs[h stride + i dilation - padding, w stride + j dilation - padding]
    weight[i, j]. inputs: (N, H, W, in_channels), weight: (height, width, in_channels, out_channels).
    Where Winograd's filtering is faster, these sums are made by it (conv2d_winograd.py).
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
        way = self._way((height, width, channels))
        kernel, (rows, columns) = way.over.kernel, way.over.outputs
        fan_in, fan_out = (kernel[0] * kernel[1] * number for number in (channels, self.out_channels))
        shape = (*kernel, channels, self.out_channels)
        parameters = [Parameter("weight", shape, fan_in, fan_out, self.weight or XavierUniform())]
        if self.bias is not None:
            parameters.append(Parameter("bias", (self.out_channels,), fan_in, fan_out, self.bias))
        return LayerPlan(
            outputs=(rows, columns, self.out_channels),
            parameters=tuple(parameters),
            scratch=way.scratch(),
            multiply_adds=rows * columns * fan_in * self.out_channels,
        )

    def forward(self, arrays: Arrays, run: Pass) -> None:
        self._way(arrays.inputs.shape[1:]).forward(arrays, run)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        self._way(arrays.inputs.shape[1:]).backward(arrays, run)

    def _way(self, inputs: Shape) -> Direct | Winograd:
        """How it is computed over images of this shape."""
        height, width, channels = inputs
        kernel, stride, dilation = pair(self.kernel_size), pair(self.stride), pair(self.dilation)
        over = windows((height, width), kernel, stride, dilation, self.padding)
        if pays(over, channels, self.out_channels):
            return Winograd(over, inputs, self.out_channels)
        return Direct(over, inputs, self.out_channels, pads=self.padding not in ("valid", 0))
