"""Batch norm over so few samples that its statistics are mostly chance."""

from __future__ import annotations

from nnctl.diagnoses.small_batch_for_batch_norm import SmallBatchForBatchNorm
from tests.support.diagnosis_check import DiagnosisCheck


class TestSmallBatchForBatchNorm(DiagnosisCheck):
    kind = SmallBatchForBatchNorm
    about = (
        {"types": {"layers.0": "batch_norm"}, "overrides": ["batch_size=2"], "last_batch": 2},
        {"types": {"layers.0": "batch_norm"}, "last_batch": 1},
    )
    not_about = (
        {"types": {"layers.0": "batch_norm"}},
        {"types": {"layers.0": "batch_norm"}, "last_batch": 1, "overrides": ["data.drop_last=true"]},
        {"types": {"layers.0": "batch_norm"}, "last_batch": 1, "overrides": ["layers.0.freeze=true"]},
        {"types": {"layers.0": "layer_norm"}, "overrides": ["batch_size=2"], "last_batch": 2},
    )
