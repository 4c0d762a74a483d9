"""Fifty whole training steps of recurrent networks give the losses that PyTorch gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.fifty_steps import OPTIMIZERS, check_fifty_steps
from tests.support.specs import layers_of

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "recurrent_training.npz")


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_fifty_steps_of_two_layers_in_both_directions(kind: str, optimizer: str, precision: str) -> None:
    recurrent = {"type": kind, "hidden_size": 8, "num_layers": 2, "bidirectional": True}
    layers = layers_of([recurrent, {"type": "linear", "out_features": 4}])
    check_fifty_steps(GOLDEN, kind, layers, optimizer, precision)
