"""Units of relu that are 0 for every sample, and learn nothing any more."""

from __future__ import annotations

from nnctl.diagnoses.dead_units import DeadUnits
from tests.support.diagnosis_check import ACTIVATED, DiagnosisCheck, layers


class TestDeadUnits(DiagnosisCheck):
    kind = DeadUnits
    about = (
        {"layers": [*layers(4), *layers(8, **{ACTIVATED: {"stuck": 0.7}})], "ended": None},
        {"layers": layers(**{ACTIVATED: {"stuck": 1.0}}), "ended": None},
    )
    not_about = (
        {"layers": layers(**{ACTIVATED: {"stuck": 0.7}})},  # from the beginning, by chance
        {"layers": [*layers(11), *layers(1, **{ACTIVATED: {"stuck": 1.0}})]},
        {"layers": [*layers(4), *layers(8, **{ACTIVATED: {"stuck": 0.4}})]},
    )
