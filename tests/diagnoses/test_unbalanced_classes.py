"""Classes so rare that the network does without them."""

from __future__ import annotations

from nnctl.diagnoses.unbalanced_classes import UnbalancedClasses
from tests.support.diagnosis_check import FALLING, DiagnosisCheck

MISSED = {"val_loss": 0.01, "diagnoses": {"never_predicted": {"classes": {"yes": 3}}}}


class TestUnbalancedClasses(DiagnosisCheck):
    kind = UnbalancedClasses
    about = (
        {"loss": FALLING, "classes": {"no": 390, "yes": 10}, "val_loss": FALLING, "last": MISSED},
        {
            "loss": FALLING,
            "classes": {"no": 390, "yes": 10},
            "last": {"loss": 0.001, "accuracy": 0.976},
            "overrides": ["data.validation=", "monitor=loss"],
        },
    )
    not_about = (
        {"loss": FALLING, "classes": {"no": 390, "yes": 10}, "val_loss": FALLING, "last": {"val_loss": 0.01}},
        {"loss": FALLING, "classes": {"no": 250, "yes": 150}, "val_loss": FALLING, "last": MISSED},
        {
            "loss": FALLING,
            "classes": {"no": 390, "yes": 10},
            "last": {"loss": 0.001, "accuracy": 0.985},  # some of them are found
            "overrides": ["data.validation=", "monitor=loss"],
        },
        {"loss": FALLING, "classes": None},
    )
