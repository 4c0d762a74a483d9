"""A network that cannot answer as well as the training data would allow."""

from __future__ import annotations

import numpy as np

from nnctl.diagnoses.underfit import Underfit
from tests.support.diagnosis_check import WAVES, DiagnosisCheck, E


class TestUnderfit(DiagnosisCheck):
    kind = Underfit
    about = ({"loss": 0.5 + 0.001 * WAVES, "last": {"accuracy": 0.7}, "neighbours": {"accuracy": 0.97}},)
    not_about = (
        {"loss": 0.5 + 0.001 * WAVES, "last": {"accuracy": 0.7}, "neighbours": {"accuracy": 0.72}},
        {"loss": 0.5 + 0.001 * WAVES, "last": {"accuracy": 0.7}, "neighbours": None},
        {"loss": 0.5 + 0.001 * WAVES[:9], "last": {"accuracy": 0.7}, "neighbours": {"accuracy": 0.97}},  # 90 steps
        {
            "loss": 0.5 + 0.001 * WAVES,
            "last": {"accuracy": 0.7, "val_accuracy": 0.98},
            "neighbours": {"accuracy": 0.97},
        },
        {"loss": np.linspace(0.6, 0.2, E), "last": {"accuracy": 0.7}, "neighbours": {"accuracy": 0.97}},
    )
