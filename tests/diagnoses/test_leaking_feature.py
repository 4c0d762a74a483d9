"""An input that tells the target, so that a score says nothing about new samples."""

from __future__ import annotations

from nnctl.diagnoses.leaking_feature import LeakingFeature
from tests.support.diagnosis_check import FALLING, DiagnosisCheck


class TestLeakingFeature(DiagnosisCheck):
    kind = LeakingFeature
    about = ({"leaks": ["paid"], "loss": FALLING},)
    not_about = ({"leaks": [], "loss": FALLING},)
