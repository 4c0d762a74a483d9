"""The two-dimensional convolution."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.convolution import convolution, convolution_parameters
from nnctl.layers.operation import Operation, Shape
from nnctl.layers.regularization import WeightedLayer
from nnctl.layers.window import Padding, Size, image, pair, windows


class Conv2D(WeightedLayer):
    """Cross-correlation over height and width.

    outputs[h, w] = bias + sum over i, j of inputs[h stride + i dilation - padding, w stride + j dilation - padding]
    weight[i, j]. inputs: (N, H, W, in_channels), weight: (height, width, in_channels / groups, out_channels).
    Where Winograd's filtering is faster, it makes these sums (conv2d_winograd.py).
    Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning".
    """

    type: Literal["conv2d"] = "conv2d"
    makes_channels: ClassVar[str] = "out_channels"
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
    groups: int = Field(default=1, ge=1)
    """Into how many groups channels are divided: a group of outputs is made of the same group of inputs alone."""
    weight: MaybeInitializer = None
    """How the weight starts: an initializer, or lists of numbers (height, width, in_channels / groups, out_channels).
    """
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        height, width, channels = image(inputs)
        kernel, stride, dilation = pair(self.kernel_size), pair(self.stride), pair(self.dilation)
        over = windows((height, width), kernel, stride, dilation, self.padding)
        parameters = convolution_parameters(kernel, channels, self.out_channels, self.weight, self.bias, self.groups)
        pads = self.padding not in ("valid", 0)
        return convolution(over, inputs, parameters, device, pads=pads, groups=self.groups)
