"""Columns of slot numbers to learnt vectors: the categories of a table in front of a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field

from nnctl.initializers.normal import Normal
from nnctl.kernels.device import Device
from nnctl.layers.freezable import Freezable
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext
from nnctl.spec import Spec

SLOTS = 2**24  # up to here a float32 holds every whole number, and so every slot


class Embedding(Protocol):
    """What a table's preprocessing says of a column of slot numbers 0, 1, … slots - 1: a vector of so many numbers."""

    @property
    def name(self) -> str: ...
    @property
    def slots(self) -> int: ...
    @property
    def size(self) -> int: ...


class EmbeddedColumn(Spec):
    """A column of slot numbers."""

    name: str = Field(min_length=1)
    """Names the column's vectors in a checkpoint."""
    slots: int = Field(ge=1, le=SLOTS)
    """How many slots there are: the numbers in the column are 0 to slots - 1."""
    size: int = Field(ge=1)
    """Length of a slot's vector."""


def _of_different_names(columns: list[EmbeddedColumn]) -> list[EmbeddedColumn]:
    names = [column.name for column in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"names {twice} twice; give every column a name of its own")
    return columns


class EmbedColumns(Freezable):
    """The last columns of the inputs are slot numbers; each becomes the slot's vector, which is learnt.

    inputs: (N, F), outputs: (N, F - columns + all sizes): the other columns as they are, then the vectors. A number
    that is no slot counts as slot 0. Source: Guo and Berkhahn 2016, "Entity embeddings of categorical variables".
    """

    type: Literal["embed_columns"] = "embed_columns"
    columns: Annotated[list[EmbeddedColumn], Field(min_length=1), AfterValidator(_of_different_names)]
    """The columns of slot numbers, from the first to the last."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        count = len(self.columns)
        if len(inputs) != 1 or inputs[0] < count:
            raise ShapeError(f"needs a row of at least {count} numbers, a column each", "name fewer columns")
        return _EmbedColumnsOperation(inputs[0] - count, self.columns, device)


class _EmbedColumnsOperation(Operation):
    """others: how many columns come first, which are no slot numbers."""

    def __init__(self, others: int, columns: list[EmbeddedColumn], device: Device) -> None:
        self.outputs = (others + sum(column.size for column in columns),)
        # as in fastai, and almost 0: a slot that training never or seldom sees says next to nothing
        self.arrays = tuple(
            ArraySpec(column.name, shape, "parameter", Normal(), fans=shape)
            for column in columns
            for shape in [(column.slots, column.size)]
        )
        self._others, self._columns, self._device = others, columns, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels = self._device.kernels.embed_columns
        kernels.copy_first(arrays.inputs, arrays.outputs, self._others)
        for name, column, first in self._places():
            kernels.look_up(arrays.inputs, arrays.parameters[name], arrays.outputs, column, first)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels = self._device.kernels.embed_columns
        for name, column, first in self._places() if arrays.gradients else ():
            kernels.add_up(arrays.inputs, arrays.d_outputs, arrays.gradients[name], column, first)
        if arrays.d_inputs is not None:
            kernels.copy_first(arrays.d_outputs, arrays.d_inputs, self._others)

    def _places(self) -> Iterator[tuple[str, int, int]]:
        """For each column its name, where it stands in the inputs, and where its vector begins in the outputs."""
        first = self._others
        for position, column in enumerate(self._columns, self._others):
            yield column.name, position, first
            first += column.size
