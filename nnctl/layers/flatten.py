"""Images to rows of features."""

from __future__ import annotations

from math import prod
from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Operation, Shape, View


class Flatten(Layer):
    """All axes of a sample become one. inputs: (N, ...), outputs: (N, features), a view of the inputs."""

    type: Literal["flatten"] = "flatten"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return View((prod(inputs),))
