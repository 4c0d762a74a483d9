"""Small runs that are ill, and others that are well: each is told what it has, and the others nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import nnctl
from nnctl.config.load import load_config
from nnctl.errors import DivergedError
from tests.diagnoses.patients import PATIENTS, Keys, Patient, cases, write_data
from tests.diagnoses.strangers import STRANGERS

QUICK = {  # one of each way to find something out: layers while the run goes on, curves at its end, facts
    *("vanishing_gradients-ill-3", "dead_units-ill-3", "overfit-ill-1", "learning_rate_too_low-ill-5"),
    *("leaking_feature-ill-1", "vanishing_gradients-well-4", "overfit-well-2"),
}

WELL = 3  # of each five, for time: all, others and other seeds are trained by `python -m tests.diagnoses`


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("patients")
    write_data(folder)
    return folder


def told(patient: Patient, folder: Path) -> list[dict[str, object]]:
    """The diagnoses of a run, which `nnctl diagnose` repeats."""
    config, run = patient.write(folder), folder / "runs" / patient.id
    try:
        found: list[dict[str, object]] = nnctl.train(config, run=run).report["diagnoses"]
    except DivergedError:
        found = nnctl.diagnose(run)["diagnoses"]
    assert nnctl.diagnose(run)["diagnoses"] == found
    return found


@pytest.mark.parametrize(
    "patient",
    [
        pytest.param(each, id=each.id, marks=[] if each.id in QUICK else pytest.mark.slow)
        for each in cases()
        if each.is_ill or each.number <= WELL or each.id in QUICK
    ],
)
def test_the_ill_are_told_and_the_well_are_not(patient: Patient, folder: Path) -> None:
    found = told(patient, folder)
    if not patient.is_ill:
        assert found == []
        return
    (own,) = [each for each in found if each["name"] == patient.illness]
    load_config(folder / f"{patient.id}.yaml", list(own["remedy"]))  # type: ignore[call-overload]


@pytest.mark.parametrize("table", [PATIENTS, STRANGERS])
def test_there_are_five_of_each(table: dict[str, tuple[list[Keys], list[Keys]]]) -> None:
    assert table.keys() == PATIENTS.keys()
    assert all(len(ill) == len(well) == 5 for ill, well in table.values())
