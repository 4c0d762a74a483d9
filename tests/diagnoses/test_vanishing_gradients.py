"""Gradients that become nothing on their way to the first layers, or to the first steps of a sequence."""

from __future__ import annotations

from nnctl.diagnoses.vanishing_gradients import VanishingGradients
from tests.support.diagnosis_check import FIRST, DiagnosisCheck, layers

STEPS = [1e-9, 1e-7, 1e-5, 1e-3]
SHRUNK = {"layers_2": {"outputs": 1e-6}}


class TestVanishingGradients(DiagnosisCheck):
    kind = VanishingGradients
    about = (
        {"layers": layers(**{FIRST: {"gradient": 1e-7}}), "ended": None},
        {"layers": layers(20, **{FIRST: {"by_step": STEPS}}), "batches": [0.7] * 20, "ended": None},
        {"layers": layers(20, **SHRUNK), "batches": [0.7] * 20, "ended": None},
    )
    not_about = (
        {"layers": layers(**{FIRST: {"gradient": 1e-3}})},
        {"layers": layers(**{FIRST: {"gradient": 0.0}})},  # of units that are dead
        {"layers": [*layers(4), *layers(8, **{FIRST: {"gradient": 1e-7}})]},  # after steps that were too large
        {"layers": layers(20, **SHRUNK), "batches": [0.7] * 10 + [0.1] * 10},
        {"layers": layers(3, **{FIRST: {"gradient": 1e-7}})},
        {"layers": layers(20, **{FIRST: {"by_step": STEPS}}), "batches": [0.7] * 10 + [0.1] * 10},
    )
