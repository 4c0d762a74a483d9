"""An early stop while the validation samples were still getting better."""

from __future__ import annotations

import numpy as np

from nnctl.diagnoses.stopped_too_early import StoppedTooEarly
from tests.support.diagnosis_check import FALLING, OVERFIT, WAVES, DiagnosisCheck


class TestStoppedTooEarly(DiagnosisCheck):
    kind = StoppedTooEarly
    about = (
        {
            "loss": FALLING[:20],
            "val_loss": np.linspace(0.6, 0.3, 20) + 0.01 * WAVES[:20],
            "ended": "early",
            "overrides": ["early_stopping.patience=1"],
        },
        {
            "loss": FALLING[:3],
            "val_loss": [0.6, 0.5, 0.6],
            "ended": "early",
            "overrides": ["early_stopping.patience=1"],
        },
    )
    not_about = (
        {
            "loss": FALLING[:20],
            "val_loss": np.linspace(0.6, 0.3, 20),
            "ended": "finished",
            "overrides": ["early_stopping.patience=1"],
        },
        {
            "loss": FALLING[:30],
            "val_loss": OVERFIT[:30],
            "ended": "early",
            "overrides": ["early_stopping.patience=10"],
        },
        {
            "loss": FALLING[:20],
            "val_loss": np.linspace(0.6, 0.3, 20),
            "ended": "early",
            "overrides": ["early_stopping={patience: 1, monitor: val_loss, stopping_threshold: 0.3}"],
        },
        {
            "loss": FALLING[:3],
            "val_loss": [0.7, 0.8, 0.9],  # above the training loss: learnt by heart
            "ended": "early",
            "overrides": ["early_stopping.patience=1"],
        },
    )
