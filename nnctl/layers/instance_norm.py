"""Instance normalisation."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.group_norm import GroupNormOperation
from nnctl.layers.norm import Norm
from nnctl.layers.operation import Operation, Shape, ShapeError


class InstanceNorm(Norm):
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias, with the moments of each sample's channels.

    inputs: (N, T, C) or (N, H, W, C). Mean and variance are those of one channel of one sample over its steps or
    pixels; of a sequence, over its real steps, and the others are 0. They are the same in training and in evaluation.
    The variance is the biased one; where there is but one step, the outputs are the bias. weight and bias are PyTorch's
    with `affine=True`. Source: Ulyanov, Vedaldi and Lempitsky 2016, section 2.
    """

    type: Literal["instance_norm"] = "instance_norm"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if len(inputs) < 2:
            what = "needs steps or pixels, at least two axes a sample"
            raise ShapeError(what, "use layer_norm for rows of features")
        return GroupNormOperation(inputs, inputs[-1], self, device)
