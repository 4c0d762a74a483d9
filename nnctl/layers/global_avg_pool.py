"""The mean of each channel."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.global_pool import over_positions, positions
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape
from nnctl.layers.over_steps import OverSteps


class GlobalAvgPool(Layer):
    """The mean of each channel over all steps or pixels; of a sequence with a length, over its real steps.

    inputs: (N, T, C) or (N, H, W, C), outputs: (N, C). Source: Lin, Chen and Yan 2013, "Network in network".
    """

    type: Literal["global_avg_pool"] = "global_avg_pool"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        _, channels = positions(inputs)
        return over_positions(inputs, OverSteps((channels,), device, is_mean=True))
