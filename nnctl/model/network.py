"""A network in memory: parameters, gradients and all that a batch needs, then forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from nnctl import random
from nnctl.errors import CheckpointError
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.layers.chain import Link
from nnctl.layers.operation import Array, Arrays, ArraySpec, Mixing, Shape, StepContext, size_of
from nnctl.model.checkpoint import fitting
from nnctl.model.plan import NetworkPlan, PlannedLayer


@dataclass(frozen=True)
class ParameterSpan:
    """The parameters of one layer, neighbours in the flat vector. names, shapes: of each of them, in their order; the
    shapes have two axes and more for weights, one for biases and scales.
    """

    part: slice
    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    layer: PlannedLayer

    def is_trained(self, epoch: int) -> bool:
        """Whether the layer is not frozen in this epoch."""
        return self.layer.training.frozen_epochs < epoch


class Network:
    """Parameters, gradients and all working memory of a planned network.

    parameters, gradients: flat vectors (P,) on the plan's device, of the layers that train; buffers: by name, kept but
    not trained. A batch of n samples uses the first n rows of every array that has a row a sample. has_lengths: whether
    samples are sequences with a length each.
    """

    def __init__(
        self, plan: NetworkPlan, batch_size: int, precision: str, seed: int = 0, *, has_lengths: bool = False
    ) -> None:
        self.plan = plan
        self.device = plan.device
        self.batch_size = batch_size
        self.dtype = np.dtype(precision)
        self._context = StepContext(seed=seed)
        self._specs = {spec.name: spec for spec in plan.chain.arrays}
        self.parameters = self.device.zeros(plan.trainable, self.dtype)
        self.gradients = self.device.zeros(plan.trainable, self.dtype)
        self.buffers = self._named("buffer")
        self._scratch = {name: self._new(spec) for name, spec in self._specs.items() if not spec.is_kept}
        self._parameters = self._views(self.parameters) | self._named("frozen")
        self._gradients = self._views(self.gradients)
        self._inputs = self.device.zeros((batch_size, *plan.inputs), self.dtype)
        is_view = plan.chain.is_view
        outputs = (batch_size, *plan.outputs)
        self._outputs = self._inputs.reshape(outputs) if is_view else self.device.zeros(outputs, self.dtype)
        self._d_outputs = self.device.zeros(outputs, self.dtype)
        self._lengths = self.device.zeros(batch_size, np.int64) if has_lengths else None
        self._arrays_of: dict[tuple[int, int], Arrays] = {}  # by samples, and how many gradients there are

    def initialize(self, seed: int) -> None:
        """Fill parameters and buffers, each from its own stream (seed, its name)."""
        for name, array in self.kept().items():
            spec = self._specs[name]
            if spec.initializer is not None:
                stream = random.generator(seed, f"initial {name}")
                values = spec.initializer.fill(spec.shape, *spec.fans, stream)
                self.device.write(np.asarray(values, spec.dtype or self.dtype), array)

    def load(self, tensors: dict[str, Array]) -> None:
        """Copy parameters and buffers out of a checkpoint. Raises CheckpointError where they do not fit."""
        kept = self.kept()
        surplus = sorted(name for name in tensors if name.startswith(("layers.", "data.")) and name not in kept)
        if surplus:
            raise CheckpointError(
                f"the checkpoint has tensors that the config does not: {', '.join(surplus)}",
                help="use the checkpoint of this very config",
            )
        for name, array in kept.items():
            self.device.write(fitting(tensors, name, array.shape, self._specs[name].most), array)

    def take(self, tensors: Mapping[str, Array]) -> None:
        """Copy some parameters and buffers, by their names, which fit."""
        kept = self.kept()
        for name, tensor in tensors.items():
            self.device.write(tensor, kept[name])

    def kept(self) -> dict[str, Array]:
        """Parameters and buffers by name (`layers.0.weight`): views, in the order of the config."""
        own = self._parameters | self.buffers
        return {name: own[name] for name in self._specs if name in own}

    def spans(self) -> dict[str, ParameterSpan]:
        """By the name of a layer that trains, where its parameters lie in the flat vector."""
        found: dict[str, ParameterSpan] = {}
        start = 0
        for layer in self.plan.layers:
            if layer.trainable and not layer.operation.chains:
                own = [spec for spec in layer.operation.arrays if spec.role == "parameter"]
                part = slice(start, start + layer.trainable)
                names, shapes = tuple(spec.name for spec in own), tuple(spec.trained_shape for spec in own)
                found[layer.name] = ParameterSpan(part, names, shapes, layer)
                start += layer.trainable
        return found

    def shapes(self) -> list[Shape]:
        """Of the arrays that lie in the flat vector one after the other."""
        return [shape for span in self.spans().values() for shape in span.shapes]

    def inputs(self, n: int) -> Array:
        """The buffer for the inputs of a batch of n samples: (n, *inputs)."""
        return self._inputs[:n]

    def lengths(self, n: int) -> Array | None:
        """The buffer for the lengths of n sequences: (n,) int64; None where samples have none."""
        return None if self._lengths is None else self._lengths[:n]

    def outputs(self, n: int) -> Array:
        """The outputs of the last forward pass: (n, *outputs)."""
        return self._outputs[:n]

    def d_outputs(self, n: int) -> Array:
        """The buffer for the loss's gradient with respect to the outputs: (n, *outputs)."""
        return self._d_outputs[:n]

    def forward(
        self,
        n: int,
        *,
        training: bool = False,
        epoch: int = 0,
        step: int = 0,
        batch: int = 0,
        batches: int = 1,
        samples: int = 0,
        momentum: float | StepArgument | None = None,
    ) -> None:
        """From inputs(n) to outputs(n). training: dropout and its like are active; epoch, step and batch name their
        streams, and in the epoch, from 1, some layers may be frozen. The others: see StepContext.
        """
        context = StepContext(training, self._context.seed, epoch, step, batch, batches, samples)
        self._context = replace(context, momentum=momentum)
        self.plan.chain.forward(self._arrays(n), self._context)

    def backward(
        self, n: int, gradients_ready: Callable[[str], None] = lambda layer: None, d_inputs: Array | None = None
    ) -> None:
        """From d_outputs(n) to the gradients of all that trains, after a forward pass of the same batch.

        gradients_ready: called with a layer's name, a key of `spans`, as soon as its gradients are written and its
        parameters may change. d_inputs: (n, *inputs), where the gradient of the inputs is written; None: nobody asks.
        """
        arrays = self._arrays(n) if d_inputs is None else replace(self._arrays(n), d_inputs=d_inputs)
        self.plan.chain.backward(arrays, replace(self._context, gradients_ready=gradients_ready))

    def mixing(self, n: int) -> Mixing | None:
        """How the last forward pass mixes the samples of a batch of n; None where each is itself."""
        return self.plan.chain.mixing(n, self._context)

    def walk(self, n: int, epoch: int | None = None) -> Iterator[tuple[str, Link, Arrays]]:
        """Each layer, also inside others, with its name and its arrays in the last pass, in the order of the pass.

        epoch: of that pass, where it was not the one before: frozen layers have no gradients.
        """
        return self.plan.chain.walk(self._arrays(n, epoch))

    def _arrays(self, n: int, epoch: int | None = None) -> Arrays:
        gradients = self._gradients_in(max(1, self._context.epoch if epoch is None else epoch))
        if (n, len(gradients)) not in self._arrays_of:
            self._arrays_of[n, len(gradients)] = Arrays(
                inputs=self.inputs(n),
                outputs=self.outputs(n),
                d_inputs=None,
                d_outputs=self.d_outputs(n),
                lengths=self.lengths(n),
                parameters=self._parameters,
                gradients=gradients,
                buffers=self.buffers,
                scratch={
                    name: array[:n] if self._specs[name].role == "per_sample" else array
                    for name, array in self._scratch.items()
                },
            )
        return self._arrays_of[n, len(gradients)]

    def _gradients_in(self, epoch: int) -> dict[str, Array]:
        """Those of the layers that are not frozen in this epoch: more and more from epoch to epoch."""
        frozen = {
            f"{layer}.{name}"
            for layer, span in self.spans().items()
            if not span.is_trained(epoch)
            for name in span.names
        }
        return {name: array for name, array in self._gradients.items() if name not in frozen}

    def _named(self, role: str) -> dict[str, Array]:
        """New arrays of this role."""
        return {name: self._new(spec) for name, spec in self._specs.items() if spec.role == role}

    def _new(self, spec: ArraySpec) -> Array:
        return self.device.zeros(spec.allocated_shape(self.batch_size), spec.dtype or self.dtype)

    def _views(self, flat: Array) -> dict[str, Array]:
        views, offset = {}, 0
        for name, spec in self._specs.items():
            if spec.role == "parameter":
                size = size_of(spec.shape)
                views[name] = flat[offset : offset + size].reshape(spec.shape)
                offset += size
        return views
