"""Fifty whole training steps give the losses that PyTorch gives from the same weights and batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

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
from tests.support.specs import layers_of

FOLDER = Path(__file__).parents[1] / "golden"
GOLDEN = {
    name: array
    for file in ("training", "training_conv1d", "training_depthwise")
    for name, array in np.load(FOLDER / f"{file}.npz").items()
}

NETWORKS = {
    "mlp": [
        {"type": "linear", "out_features": 16, "activation": "relu"},
        {"type": "linear", "out_features": 8, "activation": "tanh"},
        {"type": "linear", "out_features": 4},
    ],
    "cnn": [
        {"type": "conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1, "activation": "relu"},
        {"type": "max_pool2d", "kernel_size": 2},
        {"type": "conv2d", "out_channels": 6, "kernel_size": 3, "activation": "relu"},
        "flatten",
        {"type": "linear", "out_features": 4},
    ],
    "conv1d": [
        {"type": "conv1d", "out_channels": 4, "kernel_size": 3, "padding": "same", "activation": "relu"},
        {"type": "max_pool1d", "kernel_size": 2},
        {"type": "conv1d", "out_channels": 6, "kernel_size": 3, "dilation": 2},
        "tanh",
        "global_avg_pool",
        {"type": "linear", "out_features": 4},
    ],
    "depthwise": [
        {"type": "depthwise_conv2d", "kernel_size": 3, "multiplier": 2, "padding": 1, "activation": "relu"},
        {"type": "conv2d", "out_channels": 6, "kernel_size": 1, "stride": 2, "activation": "tanh"},
        {"type": "depthwise_conv2d", "kernel_size": 3},
        "global_max_pool",
        {"type": "linear", "out_features": 4},
    ],
}
STEPS, BATCH = 50, 8
OPTIMIZERS: dict[str, tuple[Optimizer, float]] = {"sgd": (SGD(momentum=0.9), 0.05), "adam": (Adam(), 0.01)}


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_fifty_steps(network: str, optimizer: str, precision: str) -> None:
    inputs, targets = GOLDEN[f"{network}.inputs"].astype(precision), GOLDEN[f"{network}.targets"]
    losses = train(layers_of(NETWORKS[network]), network, *OPTIMIZERS[optimizer], inputs, targets)
    tolerance = 1e-5 if precision == "float32" else 1e-10
    np.testing.assert_allclose(losses, GOLDEN[f"{network}.{optimizer}.{precision}"], rtol=tolerance)


def train(
    layers: list[Layer], name: str, optimizer: Optimizer, rate: float, inputs: np.ndarray, targets: np.ndarray
) -> list[float]:
    split = Split(inputs, targets)
    network = Network(plan_network(layers, split.inputs.shape[1:]), BATCH, str(inputs.dtype))
    initial = [array for key, array in GOLDEN.items() if key.startswith(f"{name}.initial.")]
    for array, value in zip(network.kept().values(), initial, strict=True):
        array[...] = value
    objective = Objective(network, CrossEntropy(), split)
    slots = np.zeros((len(optimizer.slots), network.parameters.size), network.dtype)
    order = np.arange(len(split), dtype=np.int64)
    losses = []
    for step in range(STEPS):
        objective.load(split, order, step * BATCH % len(split), BATCH)
        network.forward(BATCH, training=True, step=step)
        objective.evaluate(BATCH)
        losses.append(float(objective.loss_sum[0]) / BATCH)
        network.backward(BATCH)
        optimizer.update(network.parameters, network.gradients, slots, rate, step + 1, cpu)
    return losses
