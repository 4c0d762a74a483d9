"""Steps so small that the epochs do not suffice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnctl.diagnoses.learning_rate_too_low import LearningRateTooLow
from tests.support.diagnosis_check import FALLING, WAVES, DiagnosisCheck, E, layers, record

SMALL = {f"layers_{at}": {"update": 1e-4} for at in range(4)}


class TestLearningRateTooLow(DiagnosisCheck):
    kind = LearningRateTooLow
    about = (
        {"loss": np.linspace(0.69, 0.6, E), "layers": layers(**SMALL)},
        {"loss": np.linspace(0.69, 0.6, 20), "layers": layers()},  # 200 steps of 0.002
    )
    not_about = (
        {"loss": np.linspace(0.69, 0.6, E), "layers": layers()},
        {"loss": FALLING, "layers": layers(**SMALL)},
        {"loss": 0.65 + 0.01 * WAVES, "layers": layers(**SMALL)},
    )


@pytest.mark.parametrize(("update", "rate"), [(5e-4, "0.01"), (1e-5, "0.1"), (1e-9, "1")])
def test_the_rate_is_raised_until_steps_are_of_the_usual_size(update: float, rate: str, tmp_path: Path) -> None:
    small = {f"layers_{at}": {"update": update} for at in range(4)}
    found = LearningRateTooLow().find(record(tmp_path, loss=np.linspace(0.69, 0.6, E), layers=layers(**small)))
    assert found is not None
    assert found.remedy == (f"learning_rate={rate}",)
