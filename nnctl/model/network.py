"""A network: layers in a row, their shapes and memory planned before the first step, then forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.errors import CheckpointError, ConfigError, Problem
from nnctl.layers.embed_columns import EmbedColumns, EmbeddedColumn, Embedding
from nnctl.layers.layer import Array, Arrays, Layer, LayerPlan, Parameter, Pass, Shape, ShapeError
from nnctl.memory import zeros
from nnctl.model.checkpoint import fitting


@dataclass(frozen=True)
class PlannedLayer:
    """A layer in its place. name: its path in the config, `layers.0`, `layers.0.activation` or `data`."""

    name: str
    layer: Layer
    inputs: Shape
    plan: LayerPlan

    @property
    def kind(self) -> str:
        return str(type(self.layer).model_fields["type"].default)

    @property
    def parameters(self) -> int:
        return sum(size_of(parameter.shape) for parameter in self.plan.parameters)


@dataclass(frozen=True)
class Stretch:
    """Neighbours in the flat vector of parameters whose gradients are finished together.

    layer: the name of the one whose `backward` makes them in so many rows; else empty and 0.
    """

    part: slice
    layer: str = ""
    rows: int = 0


@dataclass(frozen=True)
class NetworkPlan:
    """All layers with their shapes. An `activation:` of a layer is a layer of its own here."""

    inputs: Shape
    layers: tuple[PlannedLayer, ...]

    @property
    def outputs(self) -> Shape:
        return self.layers[-1].plan.outputs

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Of the forward pass of one sample."""
        return sum(layer.plan.multiply_adds for layer in self.layers)

    @property
    def stretches(self) -> list[Stretch]:
        """The flat vector of parameters in the parts that a backward pass finishes one by one."""
        found: list[Stretch] = []
        start = 0
        for layer in self.layers:
            part = slice(start, start + layer.parameters)
            start = part.stop
            if layer.plan.rows:
                found.append(Stretch(part, layer.name, layer.plan.rows))
            elif found and not found[-1].layer:
                found[-1] = Stretch(slice(found[-1].part.start, part.stop))
            elif layer.parameters:
                found.append(Stretch(part))
        return found

    def memory(self, batch_size: int, itemsize: int, slots: int) -> int:
        """Bytes that training takes: parameters, gradients, optimizer slots, activations, scratch; not the data."""
        activations = size_of(self.inputs) + sum(
            2 * size_of(layer.plan.outputs) for layer in self.layers if not layer.plan.view
        )
        scratch = sum(
            size_of(scratch.shape)
            * (batch_size if scratch.per_sample else 1)
            * (np.dtype(scratch.dtype).itemsize if scratch.dtype else itemsize)
            for layer in self.layers
            for scratch in layer.plan.scratch
        )
        # parameters stand twice: a copy of the best ones waits to be written
        return itemsize * (self.parameters * (3 + 2 * slots) + activations * batch_size) + scratch


def size_of(shape: Shape) -> int:
    """Elements in a shape, as a Python integer that cannot overflow."""
    size = 1
    for length in shape:
        size *= length
    return size


def plan_network(layers: Sequence[Layer], inputs: Shape, embeddings: Sequence[Embedding] = ()) -> NetworkPlan:
    """Infer and check every shape; takes no memory. inputs: the shape of one sample.

    embeddings: of the inputs' last columns, which are slot numbers then; a layer named `data` turns them into vectors.
    Raises ConfigError with the layer's path, what arrives there and what the layer needs.
    """
    planned: list[PlannedLayer] = []
    shape = inputs
    for name, layer in _named(layers, embeddings):
        kind = str(type(layer).model_fields["type"].default)
        try:
            plan = layer.plan(shape)
        except ShapeError as error:
            raise ConfigError(
                Problem(f"{kind} {error.what}; {_in_words(shape)} arrives", path=name, help=error.help)
            ) from None
        for parameter in plan.parameters:
            _check_initial_values(f"{name}.{parameter.name}", parameter)
        planned.append(PlannedLayer(name, layer, shape, plan))
        shape = plan.outputs
    return NetworkPlan(inputs, tuple(planned))


def _named(layers: Sequence[Layer], embeddings: Sequence[Embedding]) -> Iterator[tuple[str, Layer]]:
    if embeddings:
        columns = [EmbeddedColumn(name=column.name, slots=column.slots, size=column.size) for column in embeddings]
        yield "data", EmbedColumns(columns=columns)
    for index, layer in enumerate(layers):
        yield f"layers.{index}", layer
        activation = getattr(layer, "activation", None)
        if activation is not None:
            yield f"layers.{index}.activation", activation


def _check_initial_values(path: str, parameter: Parameter) -> None:
    try:
        parameter.initializer.check(parameter.shape)
    except ValueError as error:
        shape = " x ".join(str(length) for length in parameter.shape)
        raise ConfigError(Problem(str(error), path=path, help=f"give {shape} numbers")) from None


def _in_words(shape: Shape) -> str:
    return f"({', '.join(str(length) for length in shape)}{',' if len(shape) == 1 else ''})"


def _as_computed(layers: Sequence[PlannedLayer]) -> list[PlannedLayer]:
    """The layers in the order in which they are computed: what may as well follow a maximum does, with less to do."""
    layers = list(layers)
    for position in range(len(layers) - 2, -1, -1):
        first, second = layers[position : position + 2]
        if first.layer.may_follow_maximum and second.layer.takes_maximum:
            shape = second.plan.outputs
            layers[position : position + 2] = [
                second,
                replace(first, inputs=shape, plan=first.layer.plan(shape)),
            ]
    return layers


class Network:
    """Parameters, gradients and all working memory of a planned network.

    parameters, gradients: flat vectors (P,); `named` gives the views on them, by name. A batch of n samples uses the
    first n rows of every buffer.
    """

    def __init__(self, plan: NetworkPlan, batch_size: int, precision: str, kernels: ModuleType, seed: int = 0) -> None:
        self.plan = plan
        self._layers = _as_computed(plan.layers)
        self.batch_size = batch_size
        self.dtype = np.dtype(precision)
        self.parameters: NDArray[Any] = zeros(plan.parameters, self.dtype)
        self.gradients: NDArray[Any] = zeros(plan.parameters, self.dtype)
        self._values = self._named_views(self.parameters)
        self._gradients = self._named_views(self.gradients)
        self._activations = self._planned_activations()
        self._d_activations = self._planned_activations()
        self._scratch = [self._planned_scratch(layer) for layer in self._layers]
        self._passes = [Pass(kernels, seed=seed, layer=position) for position in range(len(self._layers))]
        self._by_size: dict[int, list[Arrays]] = {}

    def initialize(self, seed: int) -> None:
        """Fill the parameters, each from its own stream (seed, its name)."""
        for layer in self._layers:
            for parameter in layer.plan.parameters:
                name = f"{layer.name}.{parameter.name}"
                stream = random.generator(seed, f"initial {name}")
                self._values[name][...] = parameter.initializer.fill(
                    parameter.shape, parameter.fan_in, parameter.fan_out, stream
                )

    def load(self, tensors: dict[str, Array]) -> None:
        """Copy the parameters out of a checkpoint. Raises CheckpointError where they do not fit."""
        surplus = sorted(name for name in tensors if name.startswith(("layers.", "data.")) and name not in self._values)
        if surplus:
            raise CheckpointError(
                f"the checkpoint has tensors that the config does not: {', '.join(surplus)}",
                help="use the checkpoint of this very config",
            )
        for name, array in self._values.items():
            array[...] = fitting(tensors, name, array.shape)

    def named(self) -> dict[str, Array]:
        """The parameters by name (`layers.0.weight`): views, in the order of the flat vector."""
        return dict(self._values)

    def inputs(self, n: int) -> Array:
        """The buffer for the inputs of a batch of n samples: (n, *inputs)."""
        return self._activations[0][:n]

    def outputs(self, n: int) -> Array:
        """The outputs of the last forward pass: (n, *outputs)."""
        return self._activations[-1][:n]

    def d_outputs(self, n: int) -> Array:
        """The buffer for the loss's gradient with respect to the outputs: (n, *outputs)."""
        return self._d_activations[-1][:n]

    def forward(self, n: int, *, training: bool = False, epoch: int = 0, step: int = 0) -> None:
        """From inputs(n) to outputs(n). training: dropout and its like are active; epoch, step name their streams."""
        for planned, arrays, run in zip(self._layers, self._arrays(n), self._passes, strict=True):
            run.training, run.epoch, run.step = training, epoch, step
            planned.layer.forward(arrays, run)

    def backward(self, n: int, finished: Callable[[Stretch], None] | None = None) -> None:
        """From d_outputs(n) to the gradients of every parameter, after a forward pass of the same batch.

        finished: called with each of `plan.stretches`, once its gradients are made and its parameters may change.
        """
        finished = finished or (lambda stretch: None)
        by_layer = {stretch.layer: stretch for stretch in self.plan.stretches}
        for planned, arrays, run in zip(
            reversed(self._layers), reversed(self._arrays(n)), reversed(self._passes), strict=True
        ):
            planned.layer.backward(arrays, run)
            if planned.name in by_layer:
                finished(by_layer[planned.name])
        for stretch in self.plan.stretches:
            if not stretch.layer:
                finished(stretch)

    def arrays(self, n: int) -> Iterator[tuple[PlannedLayer, Arrays]]:
        """Each layer with its arrays in the last pass, to look for what went wrong."""
        return zip(self._layers, self._arrays(n), strict=True)

    def _arrays(self, n: int) -> list[Arrays]:
        if n not in self._by_size:
            self._by_size[n] = [self._arrays_of(position, n) for position in range(len(self._layers))]
        return self._by_size[n]

    def _arrays_of(self, position: int, n: int) -> Arrays:
        layer = self._layers[position]
        names = [parameter.name for parameter in layer.plan.parameters]
        # in front of the first parameter nobody reads a gradient
        wanted = any(earlier.plan.parameters for earlier in self._layers[:position])
        return Arrays(
            inputs=self._activations[position][:n],
            outputs=self._activations[position + 1][:n],
            d_inputs=self._d_activations[position][:n] if wanted else None,
            d_outputs=self._d_activations[position + 1][:n],
            parameters={name: self._values[f"{layer.name}.{name}"] for name in names},
            gradients={name: self._gradients[f"{layer.name}.{name}"] for name in names},
            scratch={
                scratch.name: self._scratch[position][scratch.name][: n if scratch.per_sample else None]
                for scratch in layer.plan.scratch
            },
        )

    def _named_views(self, flat: Array) -> dict[str, Array]:
        views, offset = {}, 0
        for layer in self._layers:
            for parameter in layer.plan.parameters:
                size = size_of(parameter.shape)
                views[f"{layer.name}.{parameter.name}"] = flat[offset : offset + size].reshape(parameter.shape)
                offset += size
        return views

    def _planned_activations(self) -> list[Array]:
        """A buffer for the inputs, then one for each layer's outputs; a view's is its inputs' in another shape."""
        buffers = [zeros((self.batch_size, *self.plan.inputs), self.dtype)]
        for layer in self._layers:
            shape = (self.batch_size, *layer.plan.outputs)
            buffers.append(buffers[-1].reshape(shape) if layer.plan.view else zeros(shape, self.dtype))
        return buffers

    def _planned_scratch(self, layer: PlannedLayer) -> dict[str, Array]:
        return {
            scratch.name: zeros(
                (self.batch_size, *scratch.shape) if scratch.per_sample else scratch.shape, scratch.dtype or self.dtype
            )
            for scratch in layer.plan.scratch
        }
