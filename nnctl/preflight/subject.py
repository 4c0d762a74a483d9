"""A run before its first step: some samples, and what the network with its initial weights makes of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.layers.chain import Link
from nnctl.layers.embedding import has_embedding
from nnctl.layers.operation import Array, Arrays
from nnctl.metrics.scores import Scores
from nnctl.model.network import Network
from nnctl.model.objective import Objective, sizes_of
from nnctl.model.preparation import Prepared
from nnctl.training.short_training import some_of

LEAST, MOST = 64, 256  # samples that are looked at, if there are as many

Layers = list[tuple[str, Link, Arrays]]


class Subject:
    """samples: those that are looked at; unset, some training samples. All is computed when it is first asked for."""

    def __init__(self, prepared: Prepared, samples: Split | None = None) -> None:
        self.prepared = prepared
        self.config, self.plan, self.dataset = prepared.config, prepared.plan, prepared.dataset
        count = min(MOST, max(LEAST, self.config.batch_size))
        some = some_of(self.dataset.train, count, self.config.seed, "looked at before training")
        self.samples: Split = some if samples is None else samples

    @cached_property
    def loss(self) -> float:
        """Of the samples, with the initial weights, as the first step has it: with dropout and its like."""
        return self._mean(self._pass[1])

    @cached_property
    def layers(self) -> Layers:
        """Each layer with its arrays after a forward and a backward pass of the samples, as the first step has them."""
        return list(self._pass[0].walk(len(self.samples)))

    @cached_property
    def targets(self) -> Array:
        """(N,) class numbers, or (N, K), a row a sample or a step of one, those without a target left out."""
        targets = self.samples.targets
        if targets.dtype.kind == "i":
            return targets[targets >= 0]
        flat = targets.reshape(-1, targets.shape[-1])
        return flat[~np.isnan(flat[:, 0])]

    @cached_property
    def chance(self) -> float:
        """The loss of a network that knows how the targets are distributed, and nothing of the inputs."""
        return self._loss_of(self._constant_outputs())

    @cached_property
    def floor(self) -> float:
        """The loss of a network that knows every target."""
        if self.config.loss.inside != "exp":
            return 0.0
        rates = np.float64(self.samples.targets)
        return self._loss_of(np.log(np.maximum(rates, 1e-6)))

    @cached_property
    def inputs(self) -> Array:
        """Of the samples as the network takes them, (N, *shape)."""
        return self.samples.scaled(np.arange(len(self.samples)))

    @property
    def embeds(self) -> bool:
        """Whether inputs are slot numbers, which are names and no amounts."""
        return has_embedding(self.config.layers)

    def to_host(self, array: Array) -> Array:
        return self.plan.device.to_host(array)

    def network(self) -> Network:
        """A new one with the initial weights, for as many samples."""
        config = self.config
        has_lengths = self.samples.lengths is not None
        network = Network(self.plan, len(self.samples), config.precision, config.seed, has_lengths=has_lengths)
        network.initialize(config.seed)
        network.take(self.prepared.initial)
        return network

    def objective(self, network: Network) -> Objective:
        """With the samples loaded."""
        dataset, prepared = self.dataset, self.prepared
        made = Objective(network, self.config.loss, self.samples, dataset.transform, prepared.class_weights)
        order = network.device.from_host(np.arange(len(self.samples), dtype=np.int64))
        made.load(self.samples, order, 0, len(self.samples))
        return made

    @cached_property
    def _pass(self) -> tuple[Network, Objective]:
        n, network = len(self.samples), self.network()
        objective = self.objective(network)
        network.forward(n, training=True)
        objective.evaluate(n)
        network.backward(n)
        return network, objective

    def _mean(self, objective: Objective) -> float:
        """The loss of the samples, which were just evaluated."""
        dataset = self.dataset
        sizes = sizes_of(self.samples, dataset.outputs, len(dataset.classes))
        scores = Scores((), sizes, 0.0, self.plan.device)
        objective.score(scores, len(self.samples))
        return scores.mean_loss

    def _loss_of(self, outputs: NDArray[np.float64]) -> float:
        """The loss of the samples with these outputs, (N, K), or (K,) for all."""
        network = self.network()
        objective = self.objective(network)
        n = len(self.samples)
        made = np.broadcast_to(outputs, network.outputs(n).shape).astype(network.dtype)
        network.device.write(np.ascontiguousarray(made), network.outputs(n))
        objective.evaluate(n)
        return self._mean(objective)

    def _constant_outputs(self) -> NDArray[np.float64]:
        """(K,): what the function inside the loss makes the mean of the targets of."""
        inside, classes = self.config.loss.inside, self.plan.outputs[-1]
        means: NDArray[np.float64]
        if self.targets.dtype.kind == "i":
            means = np.bincount(self.targets.ravel(), minlength=classes) / max(1, self.targets.size)
            return np.log(np.maximum(means, 1e-6)) if inside == "softmax" else means
        means = self.targets.mean(axis=0, dtype=np.float64)
        if inside == "sigmoid":
            means = np.clip(means, 1e-6, 1 - 1e-6)
            means = np.log(means / (1 - means))
        elif inside == "exp":
            means = np.log(np.maximum(means, 1e-6))
        return means


def inputs_like(split: Split, inputs: Array) -> Split:
    """The split with other inputs, (N, *shape), as they are kept: bytes where its own are."""
    return replace(split, inputs=inputs, rows=None)
