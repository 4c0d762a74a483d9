"""A loss that stays at that of a constant answer: nothing is learnt."""

from __future__ import annotations

import numpy as np

from nnctl.diagnoses.loss_stalls import LossStalls
from tests.support.diagnosis_check import WAVES, DiagnosisCheck, E


class TestLossStalls(DiagnosisCheck):
    kind = LossStalls
    about = (
        {"loss": 0.69 + 0.001 * WAVES},
        {"loss": 0.67 + 0.001 * WAVES, "parameters": 40},  # of 400 samples, learnt by heart
    )
    not_about = (
        {"loss": 0.69 + 0.001 * WAVES, "baseline": None},
        {"loss": [0.69] * 3},
        {"loss": [0.69] * 9},  # of ten steps each
        {"loss": np.linspace(0.8, 0.6895, E)},  # comes down from above
        {"loss": 0.5 + 0.001 * WAVES},
        {"loss": 0.67 + 0.001 * WAVES, "parameters": 4},
        {"loss": 0.67 + 0.001 * WAVES, "val_loss": 0.66 + 0.001 * WAVES, "parameters": 40, "validation_baseline": 0.69},
    )
