"""What convolutions over images and over steps share: their parameters, and which algorithm computes them."""

from __future__ import annotations

from nnctl.initializers.initializer import Initializer
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.kernels.device import Device
from nnctl.layers.conv2d_depthwise import DepthwiseConvolution
from nnctl.layers.conv2d_direct import DirectConvolution
from nnctl.layers.conv2d_winograd import WinogradConvolution
from nnctl.layers.operation import ArraySpec, Operation, Shape, ShapeError, size_of
from nnctl.layers.window import Windows


def convolution_parameters(
    kernel: Shape,
    channels: int,
    out_channels: int,
    weight: Initializer | None,
    bias: Initializer | None,
    groups: int = 1,
) -> list[ArraySpec]:
    """The weight, (*kernel, channels / groups, out_channels), and the bias unless it is None. Raises ShapeError."""
    check_groups(groups, channels, out_channels)
    taps = size_of(kernel)
    fans = taps * channels // groups, taps * out_channels // groups
    shape = (*kernel, channels // groups, out_channels)
    parameters = [ArraySpec("weight", shape, "parameter", weight or XavierUniform(), fans=fans)]
    if bias is not None:
        parameters.append(ArraySpec("bias", (out_channels,), "parameter", bias, fans=fans))
    return parameters


def check_groups(groups: int, channels: int, out_channels: int) -> None:
    """Raise ShapeError unless groups divides both numbers of channels."""
    for name, count in (("its inputs' channels", channels), ("out_channels", out_channels)):
        if count % groups:
            what = f"groups {groups} does not divide {name}, {count}"
            raise ShapeError(what, "use a number that divides both the inputs' channels and out_channels")


def convolution(
    over: Windows, inputs: Shape, parameters: list[ArraySpec], device: Device, *, pads: bool, groups: int = 1
) -> Operation:
    """The operation over images of shape `inputs` by the fastest algorithm. pads: whether there is padding."""
    channels, out_channels = inputs[2], parameters[0].shape[-1]
    if groups == channels > 1:
        return DepthwiseConvolution(over, inputs, parameters, device, pads=pads)
    is_plain = over.kernel == (3, 3) and over.stride == over.dilation == (1, 1) and groups == 1
    if is_plain and device.kernels.sizes.winograd_is_faster(over.outputs, channels, out_channels):
        return WinogradConvolution(over, inputs, parameters, device)
    return DirectConvolution(over, inputs, parameters, device, pads=pads, groups=groups)
