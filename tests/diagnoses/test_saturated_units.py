"""Activations at the ends of their range, where a change of the inputs changes nothing."""

from __future__ import annotations

from nnctl.diagnoses.saturated_units import SaturatedUnits
from tests.support.diagnosis_check import ACTIVATED, DiagnosisCheck, layers


class TestSaturatedUnits(DiagnosisCheck):
    kind = SaturatedUnits
    about = (
        {"layers": layers(**{ACTIVATED: {"saturated": 0.8}}), "activation": "tanh", "ended": None},
        {
            "layers": [
                *layers(4, **{ACTIVATED: {"saturated": 0.0}}),
                *layers(8, **{ACTIVATED: {"saturated": 0.9}}),
            ],
            "activation": "tanh",
            "batches": [0.7] * 4 + [3.0] * 8,
        },
    )
    not_about = (
        {
            "layers": [
                *layers(4, **{ACTIVATED: {"saturated": 0.0}}),
                *layers(8, **{ACTIVATED: {"saturated": 0.9}}),
            ],
            "activation": "tanh",
            "batches": [0.7] * 4 + [0.5] * 8,
        },
        {"layers": layers(**{ACTIVATED: {"saturated": 0.8}}), "activation": "tanh", "batches": [0.7] + [0.1] * 11},
        {"layers": layers(**{ACTIVATED: {"saturated": 0.3}}), "activation": "tanh"},
    )
