"""Inputs that are much larger or smaller than 1, which initial weights and learning rates take for granted."""

from __future__ import annotations

from nnctl.diagnoses.unscaled_inputs import UnscaledInputs
from tests.support.diagnosis_check import DiagnosisCheck


class TestUnscaledInputs(DiagnosisCheck):
    kind = UnscaledInputs
    about = (
        {"inputs": {"largest": 2000.0, "smallest": 1.0, "column": "year"}, "ended": None},
        {"inputs": {"largest": 0.001, "smallest": 0.001, "column": None}, "ended": None},
    )
    not_about = (
        {"inputs": {"largest": 5.0, "smallest": 0.01, "column": "year"}},
        {"inputs": {"largest": 2000.0, "smallest": 1.0, "column": None}, "types": {"layers.0": "batch_norm"}},
        {"inputs": None},
    )
