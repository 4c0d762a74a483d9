"""Gradients of a network that is not the one being trained: as it might be, or as it is in evaluation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.data.batches import batch_sizes, order
from nnctl.data.dataset import Split
from nnctl.dynamics.structure import ByName, Structure, by_name
from nnctl.kernels.device import Program
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.layers.freezable import Freezable
from nnctl.layers.layer import Layer, changed
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import NetworkPlan, plan_network
from nnctl.model.preparation import Prepared

BATCHES = 100  # that are looked at, at most


def thawed(structure: Structure) -> NetworkPlan:
    """The plan of the network with gradients of its frozen layers, too."""

    def one(layer: Layer) -> Layer:
        return layer.model_copy(update={"freeze": False}) if isinstance(layer, Freezable) and layer.freeze else layer

    return plan_network(changed(structure.layers, one), structure.inputs, structure.embeddings)


def gradients_of_batches(prepared: Prepared, structure: Structure) -> Iterator[ByName]:
    """By name of each parameter, the gradient of a batch's loss in evaluation; the same batches whenever it is asked.

    What is yielded is overwritten by the next batch.
    """
    config, split = prepared.config, prepared.dataset.train
    network = Network(thawed(structure), config.batch_size, config.precision, has_lengths=split.lengths is not None)
    network.load(dict(structure.arrays))
    objective = Objective(network, config.loss, split, prepared.dataset.transform, prepared.class_weights)
    return gradients_of(objective, split, config.seed)


def gradients_of(objective: Objective, split: Split, seed: int) -> Iterator[ByName]:
    """As `gradients_of_batches`, of the network of an objective, whose batches are as large as its own."""
    network = objective.network
    samples = network.device.from_host(order(seed, 1, len(split)))
    start = StepArgument("int64", lambda epoch, steps: steps * network.batch_size)

    def batch(program: Program, n: int) -> None:
        objective.load(split, samples, start, n)
        network.forward(n)
        objective.evaluate(n)
        network.backward(n)

    programs = BatchPrograms(network.device, batch)
    for step, n in enumerate(batch_sizes(len(split), network.batch_size)[:BATCHES]):
        programs.of(n).run(1, first_step=step)
        yield by_name(network.plan, np.asarray(network.device.to_host(network.gradients)))
