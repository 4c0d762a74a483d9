"""A network that learns its training samples by heart."""

from __future__ import annotations

from nnctl.diagnoses.overfit import Overfit
from tests.support.diagnosis_check import FALLING, OVERFIT, WAVES, DiagnosisCheck


class TestOverfit(DiagnosisCheck):
    kind = Overfit
    about = (
        {"loss": FALLING, "val_loss": OVERFIT + 0.005 * WAVES},
        {"loss": FALLING, "val_loss": 0.6 + (OVERFIT - 0.6) / 5},  # a third of what was learnt
    )
    not_about = (
        {"loss": FALLING, "val_loss": OVERFIT + 0.005 * WAVES, "ended": "early"},
        {"loss": FALLING, "val_loss": FALLING + 0.1},
        {"loss": FALLING, "val_loss": 0.4 + 0.05 * WAVES},
        {"loss": FALLING, "val_loss": OVERFIT / 100},  # of no account
        {"loss": OVERFIT, "val_loss": OVERFIT},  # both rise
        {"loss": FALLING[:12], "val_loss": OVERFIT[:12]},  # just begins
    )
