"""All diagnoses together."""

from __future__ import annotations

import importlib
from pathlib import Path

from nnctl.diagnoses.diagnosis import diagnose, diagnoses
from tests.support.diagnosis_check import ACTIVATED, FALLING, FIRST, WAVES, DiagnosisCheck, layers, record


def test_every_diagnosis_has_its_test() -> None:
    """In the file of its name, the only one besides its own that it needs."""
    for each in diagnoses():
        members = vars(importlib.import_module(f"tests.diagnoses.test_{each.name}")).values()
        checks = [one for one in members if isinstance(one, type) and issubclass(one, DiagnosisCheck)]
        assert [one.kind for one in checks if one is not DiagnosisCheck] == [type(each)]


def test_consequences_are_those_of_other_diagnoses() -> None:
    names = {each.name for each in diagnoses()}
    for each in diagnoses():
        assert set(each.explains) <= names - {each.name}


def test_consequences_are_not_told(tmp_path: Path) -> None:
    run = record(tmp_path, loss=0.69 + 0.001 * WAVES, layers=layers(**{FIRST: {"gradient": 1e-7}}))
    assert [each.name for each in diagnose(run)] == ["vanishing_gradients"]


def test_what_a_consequence_would_explain_is_told(tmp_path: Path) -> None:
    """Saturated units explain that gradients vanish, but not that the loss has jumped."""
    own = {FIRST: {"gradient": 1e-7, "update": 0.02}, ACTIVATED: {"saturated": 0.9}}
    run = record(tmp_path, loss=9 + WAVES, layers=layers(**own), batches=[0.7, *[9.0] * 11], activation="tanh")
    assert [each.name for each in diagnose(run)] == ["saturated_units", "learning_rate_too_high"]


def test_while_a_run_goes_on_only_what_is_certain_is_told(tmp_path: Path) -> None:
    stalled = 0.69 + 0.001 * WAVES
    run = record(tmp_path, loss=stalled, layers=layers(**{FIRST: {"d_outputs": 1.0}}), ended=None)
    assert [each.name for each in diagnose(run)] == ["exploding_gradients"]
    assert diagnose(record(tmp_path, loss=stalled, ended=None)) == []


def test_a_healthy_run_is_left_alone(tmp_path: Path) -> None:
    assert diagnose(record(tmp_path, loss=FALLING, val_loss=FALLING + 0.02, layers=layers())) == []


def test_nothing_is_known_of_a_run_that_has_just_begun(tmp_path: Path) -> None:
    for ended in (None, "signal", "early"):
        assert diagnose(record(tmp_path, ended=ended)) == []  # type: ignore[arg-type]
