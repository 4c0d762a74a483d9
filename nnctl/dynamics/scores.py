"""How much each channel of a network matters, so that those that matter least can be left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.data.batches import batch_sizes, order
from nnctl.data.dataset import Split
from nnctl.dynamics.channels import Channels
from nnctl.dynamics.structure import Structure, by_name
from nnctl.kernels.device import Program
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.layers.freezable import frozen_epochs
from nnctl.layers.layer import Layer, changed
from nnctl.layers.operation import Array
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.network import Network
from nnctl.model.plan import NetworkPlan, plan_network

if TYPE_CHECKING:
    from nnctl.model.objective import Objective

By = Literal["effect", "magnitude"]
Scores = dict[str, NDArray[np.float64]]
"""By a layer whose channels can be chosen, a number a channel, (C,); of one layer and of several they compare."""

BATCHES = 100  # that the effect is measured on, at most


def magnitudes(structure: Structure) -> Scores:
    """The norm of the weights that make a channel, over the root of the mean square of those of its layer.

    Source: Li et al. 2017, "Pruning filters for efficient ConvNets", section 3.1, with L2 norms as in section 4.5.
    """
    found = {}
    for layer, channels in _free(structure.channels).items():
        weight = structure.arrays[channels.weight].astype(np.float64)
        squares = np.square(weight).reshape(-1, channels.count).sum(axis=0)
        found[layer] = np.sqrt(squares / max(float(squares.mean()), np.finfo(np.float64).tiny))
    return found


def thawed(structure: Structure) -> NetworkPlan:
    """The plan of the network with gradients of its frozen layers, too."""

    def one(layer: Layer) -> Layer:
        return layer.model_copy(update={"freeze": False}) if frozen_epochs(layer) else layer

    return plan_network(changed(structure.layers, one), structure.inputs, structure.embeddings)


def effects(
    objective: Objective,
    split: Split,
    channels: Mapping[str, Channels],
    seed: int,
    groups: Mapping[str, NDArray[np.int64]] | None = None,
) -> Scores:
    """How much the loss of a batch would change without a channel, squared, as a mean over batches of training samples.

    groups: by the name of some of the channels, (C,), which of them go together: then it is a number a group, (G,).

    The change is that of the first order, g · w over the weights that read the channel: without it they might as well
    be 0. objective: with the network, `thawed` and in evaluation; its batches are the objective's.
    Source: Molchanov et al. 2019, "Importance estimation for neural network pruning", equations 5 and 8.
    """
    network = objective.network
    sizes = batch_sizes(len(split), network.batch_size)[:BATCHES]
    samples = network.device.from_host(order(seed, 1, len(split)))
    start = StepArgument("int64", lambda epoch, steps: steps * network.batch_size)

    def batch(program: Program, n: int) -> None:
        objective.load(split, samples, start, n)
        network.forward(n)
        objective.evaluate(n)
        network.backward(n)

    programs = BatchPrograms(network.device, batch)
    free = _free(channels)
    together = {layer: (groups or {}).get(layer, np.arange(own.count)) for layer, own in free.items()}
    found = {layer: np.zeros(int(own.max()) + 1) for layer, own in together.items()}
    for step, n in enumerate(sizes):
        programs.of(n).run(1, first_step=step)
        weights, gradients = (by_name(network.plan, _host(network, flat)) for flat in _flat(network))
        for layer, own in free.items():
            products = weights[own.reader] * gradients[own.reader]
            changes = np.bincount(together[layer], weights=_by_channel(products, own.count))
            found[layer] += np.square(changes) / len(sizes)
    return found


def _free(channels: Mapping[str, Channels]) -> dict[str, Channels]:
    return {layer: own for layer, own in channels.items() if not own.bound}


def _flat(network: Network) -> tuple[Array, Array]:
    return network.parameters, network.gradients


def _host(network: Network, array: Array) -> Array:
    return network.device.to_host(array).astype(np.float64)


def _by_channel(products: Array, count: int) -> NDArray[np.float64]:
    """The sums of what belongs to each channel, (count,), of a reader's numbers, (..., positions x count, out)."""
    sums: NDArray[np.float64] = products.sum(axis=-1).reshape(-1, count).sum(axis=0)
    return sums
