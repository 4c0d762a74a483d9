"""Gradients or outputs that grow from layer to layer, or from step to step of a sequence."""

from __future__ import annotations

from nnctl.diagnoses.exploding_gradients import ExplodingGradients
from tests.support.diagnosis_check import FIRST, DiagnosisCheck, layers


class TestExplodingGradients(DiagnosisCheck):
    kind = ExplodingGradients
    about = (
        {"ended": "diverged"},  # in the first step: later ones are measured
        {"layers": layers(**{FIRST: {"d_outputs": 1.0}}), "ended": None},
        {"layers": layers(layers_3={"outputs": 1e4}), "batches": [2e14] * 12, "ended": None},
        {"layers": layers(**{FIRST: {"by_step": [10.0, 1.0, 1e-3, 0.0]}}), "ended": None},
    )
    not_about = (
        {"ended": "finished"},  # without measurements
        {"layers": layers(**{FIRST: {"d_outputs": 0.1}})},
        {"layers": layers(layers_3={"outputs": 1e4})},  # with a usual loss
        {"layers": layers(**{FIRST: {"by_step": [1.0, 1.0, 0.1, 0.0, 0.0]}})},  # beyond all lengths
    )
