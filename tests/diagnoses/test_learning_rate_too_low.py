"""Steps so small that the epochs do not suffice."""

from __future__ import annotations

import numpy as np

from nnctl.diagnoses.learning_rate_too_low import LearningRateTooLow
from tests.support.diagnosis_check import FALLING, WAVES, DiagnosisCheck, E, layers

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
