"""A loss that stays at that of a constant answer: nothing is learnt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnctl.diagnoses.loss_stalls import LossStalls
from tests.support.diagnosis_check import WAVES, DiagnosisCheck, E, layers, record


class TestLossStalls(DiagnosisCheck):
    kind = LossStalls
    about = (
        {"loss": 0.69 + 0.001 * WAVES},
        {"loss": 0.655 + 0.001 * WAVES, "parameters": 40},  # of 400 samples, learnt by heart
    )
    not_about = (
        {"loss": 0.69 + 0.001 * WAVES, "baseline": None},
        {"loss": [0.69] * 3},
        {"loss": [0.69] * 9},  # of ten steps each
        {"loss": np.linspace(0.8, 0.6895, E)},  # comes down from above
        {"loss": 0.5 + 0.001 * WAVES},
        {"loss": 0.655 + 0.001 * WAVES, "parameters": 4},
        {
            "loss": 0.655 + 0.001 * WAVES,
            "val_loss": 0.645 + 0.001 * WAVES,
            "parameters": 40,
            "validation_baseline": 0.69,
        },
    )


@pytest.mark.parametrize(
    ("update", "accuracy", "remedy"),
    [
        (1e-5, 0.5, ("learning_rate=0.01",)),
        (0.5, 0.5, ("learning_rate=0.0001",)),
        (0.01, 0.5, ()),  # nobody knows better
        (0.01, 0.95, tuple(f"layers.{at}.out_features=32" for at in range(3))),
    ],
)
def test_what_to_do(update: float, accuracy: float, remedy: tuple[str, ...], tmp_path: Path) -> None:
    own = layers(**{f"layers_{at}": {"update": update} for at in range(4)})
    neighbours = {"accuracy": accuracy}
    found = LossStalls().find(record(tmp_path, loss=0.69 + 0.001 * WAVES, layers=own, neighbours=neighbours))
    assert found is not None
    assert found.remedy == remedy
    assert ("look whether" in found.advice) == (accuracy < 0.8)
