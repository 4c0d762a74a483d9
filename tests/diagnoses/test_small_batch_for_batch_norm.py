"""Batch norm over so few samples that its statistics are mostly chance."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.diagnoses.small_batch_for_batch_norm import SmallBatchForBatchNorm
from tests.support.diagnosis_check import DiagnosisCheck, record


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


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", "0.004"), ("adam", "0.002")])
def test_a_larger_batch_has_larger_steps(optimizer: str, rate: str, tmp_path: Path) -> None:
    overrides = ["batch_size=4", f"optimizer={optimizer}", "learning_rate=0.001"]
    found = SmallBatchForBatchNorm().find(record(tmp_path, types={"layers.0": "batch_norm"}, overrides=overrides))
    assert found is not None
    assert found.remedy == ("batch_size=16", f"learning_rate={rate}")
