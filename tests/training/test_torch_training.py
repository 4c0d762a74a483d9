"""Fifty whole training steps give the losses that PyTorch gives from the same weights and batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.fifty_steps import OPTIMIZERS, check_fifty_steps
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
    "norm": [
        {"type": "linear", "out_features": 16},
        {"type": "layer_norm", "activation": "prelu"},
        {"type": "linear", "out_features": 8, "activation": {"type": "prelu", "per_channel": True}},
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


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_fifty_steps(network: str, optimizer: str, precision: str) -> None:
    check_fifty_steps(GOLDEN, network, layers_of(NETWORKS[network]), optimizer, precision)
