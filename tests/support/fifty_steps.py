"""Whole training steps from weights and batches that another library had, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.layers.layer import Layer
from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.metrics.scores import Scores
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import plan_network
from nnctl.optimizers.adam import Adam
from nnctl.optimizers.optimizer import Optimizer
from nnctl.optimizers.sgd import SGD

Array = NDArray[Any]

STEPS, BATCH = 50, 8
OPTIMIZERS: dict[str, tuple[Optimizer, float]] = {"sgd": (SGD(momentum=0.9), 0.05), "adam": (Adam(), 0.01)}


def check_fifty_steps(
    golden: Mapping[str, Array], name: str, layers: list[Layer], optimizer: str, precision: str
) -> None:
    """The losses are those that are stored. golden: of a network of this name, as golden/make_training.py writes it."""
    initial = [array for key, array in golden.items() if key.startswith(f"{name}.initial.")]
    split = Split(golden[f"{name}.inputs"].astype(precision), golden[f"{name}.targets"])
    network = network_of(layers, initial, split)
    losses = losses_of_steps(Objective(network, CrossEntropy(), split), split, *OPTIMIZERS[optimizer], STEPS)
    tolerance = 1e-5 if precision == "float32" else 1e-10
    np.testing.assert_allclose(losses, golden[f"{name}.{optimizer}.{precision}"], rtol=tolerance)


def network_of(layers: list[Layer], initial: list[Array], split: Split) -> Network:
    """A network for batches of the split. initial: its parameters."""
    network = Network(plan_network(layers, split.inputs.shape[1:]), BATCH, str(split.inputs.dtype))
    for array, value in zip(network.kept().values(), initial, strict=True):
        array[...] = value
    return network


def losses_of_steps(objective: Objective, split: Split, optimizer: Optimizer, rate: float, steps: int) -> list[float]:
    """Train, and return the loss of every step."""
    network, scores = objective.network, Scores([], 1, 1, 0.0)
    slots = np.zeros((len(optimizer.slots), network.parameters.size), network.dtype)
    order = np.arange(len(split), dtype=np.int64)
    losses = []
    for step in range(steps):
        objective.load(split, order, step * BATCH % len(split), BATCH)
        network.forward(BATCH, training=True, step=step)
        objective.evaluate(BATCH)
        scores.reset()
        objective.score(scores, BATCH)
        losses.append(scores.mean_loss)
        network.backward(BATCH)
        optimizer.update(network.parameters, network.gradients, slots, network.shapes(), rate, step + 1, network.device)
    return losses
