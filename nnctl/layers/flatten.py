"""Images to rows of features."""

from __future__ import annotations

from math import prod
from typing import Literal

from nnctl.layers.layer import Arrays, Layer, LayerPlan, Pass, Shape


class Flatten(Layer):
    """All axes of a sample become one. inputs: (N, ...), outputs: (N, features), a view of the inputs."""

    type: Literal["flatten"] = "flatten"

    def plan(self, inputs: Shape) -> LayerPlan:
        return LayerPlan(outputs=(prod(inputs),), view=True)

    def forward(self, arrays: Arrays, run: Pass) -> None:
        """Nothing: the outputs are the inputs."""

    def backward(self, arrays: Arrays, run: Pass) -> None:
        """Nothing: d_inputs are the d_outputs."""
