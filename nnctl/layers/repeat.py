"""The same layers several times in a row, each time with weights of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.chain import plan_chain
from nnctl.layers.freezable import Freezable
from nnctl.layers.layer import ChangeLayers, Layer
from nnctl.layers.operation import Operation, Shape, ShapeError
from nnctl.spec import OneOf


class Repeat(Freezable):
    """`repeat: 3` with `layers:` stands for its layers written three times."""

    type: Literal["repeat"] = "repeat"
    repeat: int = Field(ge=1, le=1_000)
    """How many times."""
    layers: list[Annotated[Layer, OneOf()]] = Field(min_length=1, max_length=1_000)
    """The layers that are repeated."""

    def with_layers(self, change: ChangeLayers, after: Layer | None) -> Layer:
        return self.model_copy(update={"layers": change(self.layers, after)})

    def plan(self, inputs: Shape, device: Device) -> Operation:
        named = [
            (f"{number}.layers.{index}", layer)
            for number in range(self.repeat)
            for index, layer in enumerate(self.layers)
        ]
        try:
            return plan_chain(named, inputs, device)
        except ShapeError as error:
            number, _, path = error.path.partition(".")
            where = f" (repetition {int(number) + 1} of {self.repeat})"
            raise ShapeError(error.what + where, error.help, path) from None
