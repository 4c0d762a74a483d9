"""Whole training steps from weights and batches that another library had, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.kernels import cpu
from nnctl.layers.layer import Layer
from nnctl.losses.cross_entropy import CrossEntropy
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
    losses = _trained(layers, initial, *OPTIMIZERS[optimizer], split)
    tolerance = 1e-5 if precision == "float32" else 1e-10
    np.testing.assert_allclose(losses, golden[f"{name}.{optimizer}.{precision}"], rtol=tolerance)


def _trained(layers: list[Layer], initial: list[Array], optimizer: Optimizer, rate: float, split: Split) -> list[float]:
    network = Network(plan_network(layers, split.inputs.shape[1:]), BATCH, str(split.inputs.dtype))
    for array, value in zip(network.kept().values(), initial, strict=True):
        array[...] = value
    return train(network, optimizer, rate, split, STEPS)


def train(network: Network, optimizer: Optimizer, rate: float, split: Split, steps: int) -> list[float]:
    """The loss of each step, on batches of the samples in their order."""
    objective = Objective(network, CrossEntropy(), split)
    slots = np.zeros((len(optimizer.slots), network.parameters.size), network.dtype)
    order = np.arange(len(split), dtype=np.int64)
    losses = []
    for step in range(steps):
        objective.load(split, order, step * BATCH % len(split), BATCH)
        network.forward(BATCH, training=True, step=step)
        objective.evaluate(BATCH)
        losses.append(float(objective.loss_sum[0]) / BATCH)
        network.backward(BATCH)
        optimizer.update(network.parameters, network.gradients, slots, rate, step + 1, cpu)
    return losses
