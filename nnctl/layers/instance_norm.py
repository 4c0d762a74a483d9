"""Instance normalisation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.constant import Constant
from nnctl.initializers.initializer import OneInitializer, OptionalBias
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.group_norm import GroupNormOperation
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape, ShapeError


class InstanceNorm(Layer):
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias, with the moments of each sample's channels.

    inputs: (N, T, C) or (N, H, W, C). Mean and variance are those of one channel of one sample over its steps or
    pixels; of a sequence, over its real steps, and the others are 0. They are the same in training and in evaluation.
    The variance is the biased one; where there is but one step, the outputs are the bias. weight and bias are PyTorch's
    with `affine=True`. Source: Ulyanov, Vedaldi and Lempitsky 2016, section 2.
    """

    type: Literal["instance_norm"] = "instance_norm"
    eps: float = Field(default=1e-5, gt=0.0)
    """Added to the variance."""
    weight: OneInitializer = Constant(value=1.0)
    """How the weight starts: an initializer, a number, or a list of numbers, one a channel."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if len(inputs) < 2:
            what = "needs steps or pixels, at least two axes a sample"
            raise ShapeError(what, "use layer_norm for rows of features")
        return GroupNormOperation(inputs, inputs[-1], self.eps, self.weight, self.bias, device)
