"""Fifty whole training steps with attention, norms of groups and transposed convolutions give PyTorch's losses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.fifty_steps import OPTIMIZERS, check_fifty_steps
from tests.support.specs import layers_of

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "attention_training.npz")
LAST = {"type": "linear", "out_features": 4}
NETWORKS = {
    "transformer": [
        {"type": "embedding", "num_embeddings": 9, "embedding_dim": 8},
        {"type": "positions", "learnt": True},
        {"type": "residual", "layers": ["layer_norm", {"type": "attention", "heads": 2, "causal": True}]},
        {
            "type": "residual",
            "layers": [
                "layer_norm",
                {"type": "linear", "out_features": 16, "activation": "gelu"},
                {"type": "linear", "out_features": 8},
            ],
        },
        "mean_over_steps",
        LAST,
    ],
    "images": [
        {"type": "conv2d", "out_channels": 4, "kernel_size": 3, "stride": 2},
        {"type": "group_norm", "groups": 2, "activation": "mish"},
        {"type": "conv_transpose2d", "out_channels": 3, "kernel_size": 2, "stride": 2},
        {"type": "instance_norm", "activation": "selu"},
        {"type": "avg_pool2d", "kernel_size": 2},
        "flatten",
        LAST,
    ],
}


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_fifty_steps(network: str, optimizer: str, precision: str) -> None:
    check_fifty_steps(GOLDEN, network, layers_of(NETWORKS[network]), optimizer, precision)
