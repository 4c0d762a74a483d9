"""The largest number of each channel."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.global_pool import over_positions, positions
from nnctl.layers.layer import Layer
from nnctl.layers.max_pool1d import MaxOverWindows
from nnctl.layers.operation import Operation, Shape
from nnctl.layers.window_steps import windows_over_steps


class GlobalMaxPool(Layer):
    """The largest number of each channel over all steps or pixels; of a sequence with a length, over its real steps.

    Among equals the first gets the gradient. inputs: (N, T, C) or (N, H, W, C), outputs: (N, C).
    """

    type: Literal["global_max_pool"] = "global_max_pool"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        count, channels = positions(inputs)
        return over_positions(inputs, MaxOverWindows(windows_over_steps(count, count, 1, 1, "valid"), channels, device))
