"""Images to rows of features."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext


class Flatten(Layer):
    """All axes of a sample become one. inputs: (N, ...), outputs: (N, features), a view of the inputs."""

    type: Literal["flatten"] = "flatten"

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _View((prod(inputs),))


@dataclass(frozen=True)
class _View(Operation):
    outputs: Shape
    is_view: bool = True

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        """Nothing: the outputs are the inputs."""

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        """Nothing: d_inputs are the d_outputs."""
