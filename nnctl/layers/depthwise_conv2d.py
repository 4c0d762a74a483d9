"""The two-dimensional convolution of each channel by itself."""

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


class DepthwiseConv2D(WeightedLayer):
    """A conv2d with as many groups as channels: each channel has windows of its own, and is not mixed with others.

    inputs: (N, H, W, C), weight: (height, width, 1, C x multiplier), outputs: (N, H', W', C x multiplier), those of a
    channel side by side. Source: Howard et al. 2017, "MobileNets", section 3.1.
    """

    type: Literal["depthwise_conv2d"] = "depthwise_conv2d"
    keeps_channels: ClassVar[bool] = True
    kernel_size: Size
    """Height and width of the window: a number or [height, width]."""
    multiplier: int = Field(default=1, ge=1)
    """Number of outputs for each channel."""
    stride: Size = 1
    """Distance between windows: a number or [height, width]."""
    padding: Padding = "valid"
    """Zeros around the image: `valid` (none), `same` (ceil(size / stride) outputs), or a number for every side."""
    dilation: Size = 1
    """Distance between the inputs of one window: a number or [height, width]."""
    weight: MaybeInitializer = None
    """How the weight starts: an initializer, or lists of numbers (height, width, 1, channels x multiplier)."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        height, width, channels = image(inputs)
        kernel, stride, dilation = pair(self.kernel_size), pair(self.stride), pair(self.dilation)
        over = windows((height, width), kernel, stride, dilation, self.padding)
        out_channels = channels * self.multiplier
        parameters = convolution_parameters(kernel, channels, out_channels, self.weight, self.bias, channels)
        pads = self.padding not in ("valid", 0)
        return convolution(over, inputs, parameters, device, pads=pads, groups=channels)
