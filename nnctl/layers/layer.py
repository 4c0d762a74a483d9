"""What a layer is: its settings (the YAML keys), from which it plans an operation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from nnctl.kernels.device import Device
from nnctl.layers.operation import Operation, Shape
from nnctl.spec import Spec

ChangeLayers = Callable[[Sequence["Layer"], "Layer | None"], "list[Layer]"]
"""Layers in a row, and the one behind them, to other layers in their place."""


class Layer(Spec):
    """Base of all layers. A subclass names itself with `type: Literal["..."] = "..."`; its fields are its YAML keys."""

    keeps_channels: ClassVar[bool] = False
    """Whether each channel of its outputs, along the last axis, is made of the same channel of its inputs alone, and by
    the same rule for all, but for arrays that have a number a channel along their last axis."""
    makes_channels: ClassVar[str] = ""
    """The key that says how many channels its outputs have, where each is a sum over all channels of the inputs:
    `weight`, (..., channels of the inputs, channels of the outputs), and perhaps `bias`, a number a channel."""

    @property
    def kind(self) -> str:
        """What `type` says."""
        return str(type(self).model_fields["type"].default)

    @classmethod
    def shorthand(cls, value: Any) -> Any:
        """A bare word is a kind with its defaults; a mapping that says `repeat` is a layer of that kind."""
        if isinstance(value, Mapping) and "repeat" in value and cls.tag not in value:
            return {cls.tag: "repeat", **value}
        return super().shorthand(value)

    @property
    def remedy_for_axes(self) -> str:
        """How it is told to keep the axes of its inputs, where it can."""
        return ""

    @property
    def limits(self) -> tuple[float, ...]:
        """The values that an output takes, or comes close to, where its derivative is 0 or next to it; none for most.

        One is exact, as the 0 of relu; two are the ends of a range, as those of tanh.
        """
        return ()

    def with_layers(self, change: ChangeLayers, after: Layer | None) -> Layer:
        """The layer with the layers that it holds changed. after: the layer behind it."""
        return self

    @abstractmethod
    def plan(self, inputs: Shape, device: Device) -> Operation:
        """What it does with inputs of this shape (one sample); takes no memory. Raises ShapeError."""


def changed(layers: Sequence[Layer], change: Callable[[Layer], Layer]) -> list[Layer]:
    """Each of the layers, and those inside them first, as `change` makes it."""

    def one(layer: Layer) -> Layer:
        return change(layer.with_layers(lambda inner, after: changed(inner, change), None))

    return [one(layer) for layer in layers]
