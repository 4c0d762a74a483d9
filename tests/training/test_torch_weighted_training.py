"""Twenty training steps with weights give the losses and the network that PyTorch gives, from where it began."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.data.dataset import Split
from nnctl.losses.binary_cross_entropy import BinaryCrossEntropy
from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.losses.loss import Loss
from nnctl.losses.mse import MSE
from nnctl.model.objective import Objective
from tests.support.fifty_steps import OPTIMIZERS, losses_of_steps, network_of
from tests.support.specs import layers_of

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "weighted_training.npz")
LOSSES: dict[str, Loss] = {
    "cross_entropy": CrossEntropy(),
    "binary_cross_entropy": BinaryCrossEntropy(),
    "mse": MSE(),
}


@pytest.mark.parametrize("name", [name.removesuffix(".losses") for name in GOLDEN.files if name.endswith(".losses")])
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("float64", 1e-10)])
def test_losses_and_weights_are_pytorchs(name: str, precision: str, tolerance: float) -> None:
    loss, _, weighted = name.partition(".")
    targets: Any = GOLDEN[f"{loss}.targets"]
    rows = None if weighted == "classes" else GOLDEN["rows"]
    classes = None if weighted == "rows" else GOLDEN[f"{loss}.classes"]
    targets = targets if loss == "cross_entropy" else targets.astype(precision)
    split = Split(GOLDEN["inputs"].astype(precision), targets, weights=rows)
    initial = [GOLDEN[f"{loss}.initial.{number}"] for number in range(4)]
    hidden, last = ({"type": "linear", "out_features": len(bias)} for bias in initial[1::2])
    network = network_of(layers_of([hidden, "tanh", last]), initial, split)
    objective = Objective(network, LOSSES[loss], split, class_weights=classes)
    losses = losses_of_steps(objective, split, OPTIMIZERS["sgd"][0], 0.1, 20)
    np.testing.assert_allclose(losses, GOLDEN[f"{name}.losses"], rtol=tolerance)
    end = np.concatenate([array.ravel() for array in network.kept().values()])
    np.testing.assert_allclose(end, GOLDEN[f"{name}.end"], rtol=tolerance, atol=tolerance)
