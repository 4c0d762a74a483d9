"""The sum of a sequence's steps."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape
from nnctl.layers.over_steps import OverSteps, sequence


class SumOverSteps(Layer):
    """outputs = the sum of the sample's real steps. inputs: (N, T, F), outputs: (N, F)."""

    type: Literal["sum_over_steps"] = "sum_over_steps"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return OverSteps((sequence(inputs)[1],), device, is_mean=False)
