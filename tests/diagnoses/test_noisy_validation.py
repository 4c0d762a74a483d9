"""A validation loss that goes up and down so much that the best epoch is chosen by chance."""

from __future__ import annotations

import numpy as np

from nnctl.diagnoses.noisy_validation import NoisyValidation
from tests.support.diagnosis_check import FALLING, WAVES, DiagnosisCheck


class TestNoisyValidation(DiagnosisCheck):
    kind = NoisyValidation
    about = ({"loss": FALLING, "val_loss": 0.4 + 0.15 * WAVES},)
    not_about = (
        {"loss": FALLING, "val_loss": 0.4 + 0.01 * WAVES},
        {"loss": 0.4 + 0.15 * WAVES, "val_loss": 0.4 + 0.15 * WAVES},
        {"loss": FALLING, "val_loss": 0.01 + 0.004 * WAVES},
        {"loss": FALLING, "val_loss": np.append(0.4 + 0.15 * WAVES[:35], [0.4] * 5)},  # calms down
    )
