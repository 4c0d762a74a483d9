"""Twenty training steps with frozen layers end in the weights that PyTorch has with requires_grad=False."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.data.dataset import Split
from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import plan_network
from nnctl.optimizers.adamw import AdamW
from nnctl.optimizers.optimizer import Optimizer
from nnctl.optimizers.sgd import SGD
from tests.support.fifty_steps import BATCH, losses_of_steps
from tests.support.specs import layers_of

GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "freezing.npz"))
STEPS = 20
OPTIMIZERS: dict[str, tuple[Optimizer, float]] = {
    "sgd": (SGD(momentum=0.9, weight_decay=0.1), 0.05),
    "adamw": (AdamW(weight_decay=0.1), 0.01),
}
POSITIONS = {0: "layers.0", 1: "layers.1", 3: "layers.3", 6: "layers.6", 7: "layers.6.activation", 8: "layers.7"}
"""By PyTorch's position the layer here."""
FROZEN = {"front": (0, 1), "middle": (1, 3), "all but the ends": (1, 3, 6)}


def layers(frozen: tuple[int, ...]) -> list[Any]:
    """frozen: positions here; the activation of a frozen layer is frozen with it."""
    described: list[Any] = [
        {"type": "conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1},
        "batch_norm",
        "relu",
        {"type": "conv2d", "out_channels": 3, "kernel_size": 3},
        "tanh",
        "flatten",
        {"type": "linear", "out_features": 6, "activation": {"type": "prelu", "per_channel": True}},
        {"type": "linear", "out_features": 4},
    ]
    for position in frozen:
        own = described[position]
        described[position] = ({"type": own} if isinstance(own, str) else own) | {"freeze": True}
    return described


def named(prefix: str) -> dict[str, Any]:
    """The arrays that are stored under a prefix, by their names here."""
    found = {}
    for key, array in GOLDEN.items():
        if key.startswith(f"{prefix}.") and not key.endswith("losses"):
            position, name = key.removeprefix(f"{prefix}.").split(".")
            layer = POSITIONS[int(position)]
            found[f"{layer}.{'slope' if layer.endswith('activation') else name}"] = array
    return found


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("case", FROZEN)
def test_twenty_steps(case: str, optimizer: str) -> None:
    split = Split(GOLDEN["inputs"], GOLDEN["targets"])
    network = Network(plan_network(layers_of(layers(FROZEN[case])), (6, 6, 2)), BATCH, "float64")
    initial = named("initial")
    network.load(initial)
    objective = Objective(network, CrossEntropy(), split)
    losses = losses_of_steps(objective, split, *OPTIMIZERS[optimizer], STEPS)
    np.testing.assert_allclose(losses, GOLDEN[f"{case}.{optimizer}.losses"], rtol=1e-10)
    for name, expected in named(f"{case}.{optimizer}").items():
        array = network.kept()[name]
        np.testing.assert_allclose(array, expected, rtol=1e-8, atol=1e-12, err_msg=name)
        is_frozen = any(name.startswith(f"layers.{position}.") for position in FROZEN[case])
        assert (array.tobytes() == initial[name].tobytes()) == is_frozen, name
