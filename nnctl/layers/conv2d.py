"""The two-dimensional convolution."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.conv2d_direct import DirectConvolution
from nnctl.layers.conv2d_winograd import WinogradConvolution
from nnctl.layers.operation import ArraySpec, Operation, Shape
from nnctl.layers.regularization import WeightedLayer
from nnctl.layers.window import Padding, Size, image, pair, windows


class Conv2D(WeightedLayer):
    """Cross-correlation over height and width.

    outputs[h, w] = bias + sum over i, j of inputs[h stride + i dilation - padding, w stride + j dilation - padding]
    weight[i, j]. inputs: (N, H, W, in_channels), weight: (height, width, in_channels, out_channels).
    Where Winograd's filtering is faster, it makes these sums (conv2d_winograd.py).
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

    def plan(self, inputs: Shape, device: Device) -> Operation:
        height, width, channels = image(inputs)
        kernel, stride, dilation = pair(self.kernel_size), pair(self.stride), pair(self.dilation)
        over = windows((height, width), kernel, stride, dilation, self.padding)
        taps = kernel[0] * kernel[1]
        fans = taps * channels, taps * self.out_channels
        shape = (*kernel, channels, self.out_channels)
        parameters = [ArraySpec("weight", shape, "parameter", self.weight or XavierUniform(), fans=fans)]
        if self.bias is not None:
            parameters.append(ArraySpec("bias", (self.out_channels,), "parameter", self.bias, fans=fans))
        is_plain = kernel == (3, 3) and stride == dilation == (1, 1)
        if is_plain and device.kernels.sizes.winograd_is_faster(over.outputs, channels, self.out_channels):
            return WinogradConvolution(over, inputs, parameters, device)
        return DirectConvolution(over, inputs, parameters, device, pads=self.padding not in ("valid", 0))
