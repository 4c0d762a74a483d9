"""A run that ends while it is still getting better."""

from __future__ import annotations

import numpy as np

from nnctl.diagnoses.more_epochs import MoreEpochs
from tests.support.diagnosis_check import FALLING, WAVES, DiagnosisCheck, E


class TestMoreEpochs(DiagnosisCheck):
    kind = MoreEpochs
    about = (
        {"loss": np.linspace(0.9, 0.3, E)},
        {"loss": FALLING, "val_loss": np.linspace(0.9, 0.3, E)},
    )
    not_about = (
        {"loss": FALLING},
        {"loss": np.linspace(0.9, 0.3, E), "overrides": ["schedule=cosine"]},
        {"loss": np.linspace(0.9, 0.3, E), "ended": "early"},
        {"loss": np.linspace(0.9, 0.3, 6)},
        {"loss": 0.4 + 0.02 * WAVES},
    )
