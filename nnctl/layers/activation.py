"""The base of the activations: element by element, each one a layer and a value of `activation:`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from nnctl.layers.layer import Layer, LayerPlan, Shape
from nnctl.spec import OneOf


class Activation(Layer):
    """A layer without parameters whose outputs have the shape of its inputs."""

    initializer: ClassVar[str] = "xavier_uniform"  # the usual one for the weights in front of it

    def plan(self, inputs: Shape) -> LayerPlan:
        return LayerPlan(outputs=inputs)


MaybeActivation = Annotated[Activation, OneOf()] | None
