"""Sequences of slot numbers to learnt vectors: characters, words, whatever is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from nnctl.initializers.initializer import OneInitializer
from nnctl.initializers.normal import Normal
from nnctl.kernels.device import Device
from nnctl.layers.embed_columns import SLOTS
from nnctl.layers.layer import Layer, changed
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext
from nnctl.layers.over_steps import lengths_of
from nnctl.layers.regularization import WeightedLayer


class Embedding(WeightedLayer):
    """Each step of a sequence is a slot number, 0 to num_embeddings - 1; it becomes the slot's vector, which is learnt.

    inputs: (N, T) or (N, T, 1), outputs: (N, T, embedding_dim). A number that is no slot counts as slot 0.
    """

    type: Literal["embedding"] = "embedding"
    num_embeddings: int | None = Field(default=None, ge=1, le=SLOTS)
    """How many slots there are. Unset: as many as a text has characters or tokens, and one for unknown ones."""
    embedding_dim: int = Field(ge=1)
    """Length of a slot's vector."""
    weight: OneInitializer = Normal(std=1.0)
    """How the vectors start: an initializer, or rows of numbers, one row a slot."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if len(inputs) not in (1, 2) or (len(inputs) == 2 and inputs[1] != 1):
            what = "needs a slot number a step: sequences of the shape (steps,) or (steps, 1)"
            raise ShapeError(what, "give one number a step, or leave this layer out")
        if self.num_embeddings is None:
            what = "needs `num_embeddings`, the number of slots, which these data do not tell"
            raise ShapeError(what, "set `num_embeddings` to the largest slot number plus 1")
        return _EmbeddingOperation(inputs[0], self, self.num_embeddings, device)


class _EmbeddingOperation(Operation):
    def __init__(self, steps: int, settings: Embedding, slots: int, device: Device) -> None:
        shape = slots, settings.embedding_dim
        self.outputs = steps, settings.embedding_dim
        self.arrays = (ArraySpec("weight", shape, "parameter", settings.weight, fans=shape),)
        self._device = device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, inputs = self._device.kernels.embedding, self._numbers(arrays.inputs)
        kernels.look_up(inputs, lengths_of(arrays, self._device), arrays.parameters["weight"], arrays.outputs)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, inputs = self._device.kernels.embedding, self._numbers(arrays.inputs)
        if arrays.gradients:
            kernels.add_up(inputs, lengths_of(arrays, self._device), arrays.d_outputs, arrays.gradients["weight"])
        if arrays.d_inputs is not None:
            kernels.clear(arrays.d_inputs.ravel())

    def _numbers(self, inputs: Array) -> Array:
        """(N, T)."""
        return inputs.reshape(len(inputs), -1)


def with_slots(layers: Sequence[Layer], slots: int) -> list[Layer]:
    """The layers, those inside others too, with every unset `num_embeddings` filled in."""

    def filled(layer: Layer) -> Layer:
        if isinstance(layer, Embedding) and layer.num_embeddings is None:
            return layer.model_copy(update={"num_embeddings": slots})
        return layer

    return changed(layers, filled)


def has_embedding(layers: Sequence[Layer]) -> bool:
    """Whether one of the layers, or of those inside them, is an embedding."""
    found: list[Layer] = []

    def noticed(layer: Layer) -> Layer:
        if isinstance(layer, Embedding):
            found.append(layer)
        return layer

    changed(layers, noticed)
    return bool(found)
