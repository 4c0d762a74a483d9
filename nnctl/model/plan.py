"""A network before it takes any memory: every layer with its shapes, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnctl.errors import ConfigError, Problem
from nnctl.kernels.device import CPU, Device
from nnctl.layers.chain import Chain, plan_chain
from nnctl.layers.embed_columns import EmbedColumns, EmbeddedColumn, Embedding
from nnctl.layers.freezable import Freezable, Training
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, ArraySpec, Operation, Shape, ShapeError, size_of
from nnctl.layers.regularization import Regularization, with_regularization

ACTIVATION = ".activation"  # how the name of a layer's activation ends


@dataclass(frozen=True)
class PlannedLayer:
    """A layer in its place. name: its path in the config, `layers.0`, `layers.0.activation` or `data`.

    depth: how many layers hold it. training: of its weights, as it or one that holds it says.
    """

    name: str
    layer: Layer
    inputs: Shape
    operation: Operation
    depth: int
    training: Training

    @property
    def is_frozen(self) -> bool:
        """For the whole run, by itself or with a layer that holds it."""
        return self.training.frozen_epochs == math.inf

    @property
    def kind(self) -> str:
        return self.layer.kind

    @property
    def parameters(self) -> int:
        """Those of the layers inside it included."""
        return _count(self.operation.arrays, "parameter", "frozen")

    @property
    def trainable(self) -> int:
        """Of the parameters, those that are not frozen."""
        return 0 if self.is_frozen else _count(self.operation.arrays, "parameter")

    @property
    def buffers(self) -> int:
        """Numbers that are kept but not trained, those of the layers inside it included."""
        return _count(self.operation.arrays, "buffer")


@dataclass(frozen=True)
class NetworkPlan:
    """A network on one device. chain: all of it."""

    inputs: Shape
    chain: Chain
    device: Device

    @property
    def layers(self) -> tuple[PlannedLayer, ...]:
        """All layers; those inside a layer follow it. An `activation:` of a layer is a layer of its own here."""
        return tuple(_layers(self.chain))

    @property
    def outputs(self) -> Shape:
        return self.chain.outputs

    @property
    def parameters(self) -> int:
        return _count(self.chain.arrays, "parameter", "frozen")

    @property
    def trainable(self) -> int:
        """Of the parameters, those that are not frozen."""
        return _count(self.chain.arrays, "parameter")

    @property
    def buffers(self) -> int:
        """Numbers that are kept but not trained, such as running means."""
        return _count(self.chain.arrays, "buffer")

    @property
    def multiply_adds(self) -> int:
        """Of the forward pass of one sample."""
        return self.chain.multiply_adds

    def check_lengths(self) -> None:
        """Raise ConfigError with the layer's path where one cannot take sequences with a length each."""
        try:
            self.chain.steps(np.arange(1, self.inputs[0] + 1))
        except ShapeError as error:
            raise ConfigError(Problem(error.what, path=error.path, help=error.help)) from None

    def notes_on_lengths(self, lengths: Mapping[str, Array]) -> Iterator[str]:
        """What to tell of sequences with these lengths, which `check_lengths` has nothing against; layer by layer.

        lengths: (M,) int64, by what the samples are called, in the plural.
        """
        yield from (f"{path} {note}" for path, note in self.chain.notes_on(lengths))

    def memory(self, batch_size: int, itemsize: int, slots: int, vectors: int = 0) -> int:
        """Bytes that training takes: parameters, gradients, optimizer slots, activations, scratch; not the data.

        vectors: how many further ones there are, as long as the gradients.
        """
        working = sum(
            size_of(spec.allocated_shape(batch_size)) * (np.dtype(spec.dtype).itemsize if spec.dtype else itemsize)
            for spec in self.chain.arrays
            if not spec.is_kept
        )
        ends = size_of(self.inputs) + 2 * size_of(self.outputs)
        # what is kept stands twice: a copy of the best waits to be written
        kept = self.trainable * (3 + 2 * slots + vectors) + 2 * (self.parameters - self.trainable + self.buffers)
        return itemsize * (kept + ends * batch_size) + working


def plan_network(
    layers: Sequence[Layer],
    inputs: Shape,
    embeddings: Sequence[Embedding] = (),
    device: Device | None = None,
    regularization: Regularization | None = None,
) -> NetworkPlan:
    """Infer and check every shape; takes no memory. inputs: the shape of one sample. device: unset, the CPU.

    regularization: of all layers that have none of their own.

    embeddings: of the inputs' last columns, which are slot numbers then; a layer named `data` turns them into vectors,
    and is trained or frozen as the first layer is.
    Raises ConfigError with the layer's path, the shape it got and what it needs.
    """
    device = device or CPU()
    layers = with_regularization(layers, regularization or Regularization())
    named: list[tuple[str, Layer]] = [(f"layers.{index}", layer) for index, layer in enumerate(layers)]
    if embeddings:
        columns = [EmbeddedColumn(name=column.name, slots=column.slots, size=column.size) for column in embeddings]
        keys = ("freeze", "learning_rate_scale", "weight_decay") if isinstance(layers[0], Freezable) else ()
        training: dict[str, Any] = {key: getattr(layers[0], key) for key in keys}
        named.insert(0, ("data", EmbedColumns(columns=columns, **training)))
    try:
        chain = plan_chain(named, inputs, device)
    except ShapeError as error:
        raise ConfigError(Problem(error.what, path=error.path, help=error.help)) from None
    return NetworkPlan(inputs, chain, device)


def _layers(chain: Chain, prefix: str = "", depth: int = 0, around: Training | None = None) -> Iterator[PlannedLayer]:
    """around: that of the layer that holds the chain."""
    training = outer = around or Training()
    for link in chain.links:
        name = prefix + link.name
        training = (training if link.name.endswith(ACTIVATION) else outer).of(link.layer)
        yield PlannedLayer(name, link.layer, link.inputs, link.operation, depth, training)
        for inner in link.operation.chains:
            assert isinstance(inner, Chain)
            yield from _layers(inner, f"{name}.", depth + 1, training)


def _count(specs: Sequence[ArraySpec], *roles: str) -> int:
    return sum(size_of(spec.shape) for spec in specs if spec.role in roles)
