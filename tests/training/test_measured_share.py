"""The share of the learning rate that depends on what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnctl.config.load import load_config
from nnctl.config.run_config import RunConfig
from nnctl.errors import CheckpointError
from nnctl.training.measured_share import MeasuredShare, measured_share, reduction_notes, shares_of
from tests.support.command import CONFIGS

PLATEAU = "{type: reduce_on_plateau, patience: 0, factor: 0.5, monitor: %s}"


def config(monitor: str = "loss") -> RunConfig:
    return load_config(CONFIGS / "xor.yaml", [f"schedule={PLATEAU % monitor}"]).config


def rows_with(name: str, *values: float | None, rates: tuple[float, ...] = ()) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"epoch": epoch, name: value} for epoch, value in enumerate(values, 1)]
    for row, rate in zip(rows, rates, strict=False):
        row["learning_rate"] = rate
    return rows


def test_a_lower_loss_and_a_higher_accuracy_are_better() -> None:
    falling, rising = (3.0, 2.0, 1.0, 1.0), (0.1, 0.2, 0.3, 0.3)
    assert shares_of(config(), rows_with("loss", *falling), 4) == [1, 1, 1, 1, 0.5]
    assert shares_of(config(), rows_with("loss", *rising), 4) == [1, 1, 0.5, 0.25, 0.125]
    assert shares_of(config("accuracy"), rows_with("accuracy", *rising), 4) == [1, 1, 1, 1, 0.5]


def test_infinity_is_what_the_file_makes_of_it() -> None:
    """A run that goes on and one that is resumed know the same."""
    for infinite in (float("inf"), -float("inf")):
        values = [1.0, infinite, 0.9, 0.8]
        kept = [None if value == infinite else value for value in values]
        for name in ("loss", "accuracy"):
            shares = [shares_of(config(name), rows_with(name, *each), 4) for each in (values, kept)]
            assert shares[0] == shares[1]
            assert shares[0][2] == 0.5


def test_other_schedules_leave_all_of_it() -> None:
    plain = load_config(CONFIGS / "xor.yaml", ["schedule=cosine"]).config
    assert shares_of(plain, [], 3) == [1, 1, 1, 1]
    assert list(reduction_notes(plain, rows_with("loss", 1.0, 1.0, rates=(1.0, 0.1)))) == []


def test_it_goes_on_from_the_rows() -> None:
    rows = rows_with("loss", 1.0, 2.0, 3.0, 0.5, 0.6)
    later = measured_share(config(), rows[:3], 3, Path("run"))
    whole = MeasuredShare(config())
    for row in rows:
        whole.update(row)
    for row in rows[3:]:
        later.update(row)
    assert later.share == whole.share == 0.125


@pytest.mark.parametrize("kept", [[], [0, 1, 3], [0]])
def test_missing_rows_are_named(kept: list[int]) -> None:
    rows = rows_with("loss", 4.0, 3.0, 2.0, 1.0)
    with pytest.raises(CheckpointError) as raised:
        measured_share(config(), [rows[row] for row in kept], 4, Path("run"))
    (problem,) = raised.value.problems
    missing = ", ".join(str(row + 1) for row in range(4) if row not in kept)
    plural = "s" if len(missing) > 1 else ""
    assert problem.what == f"has no loss of epoch{plural} {missing}, from which reduce_on_plateau goes on"
    assert problem.file == str(Path("run", "metrics.jsonl"))


def test_a_note_tells_the_epochs_that_lowered_the_learning_rate() -> None:
    rates = (0.8, 0.8, 0.4, 0.2, 0.2)
    rows = rows_with("loss", 3.0, 3.0, 3.0, 1.0, 1.0, rates=rates)
    (note,) = reduction_notes(config(), rows)
    assert note == "reduce_on_plateau lowered the learning rate 2 times, from 8.0e-01 to 2.0e-01: after epochs 2, 3"
    (note,) = reduction_notes(config(), rows[:3])
    assert note == "reduce_on_plateau lowered the learning rate once, from 8.0e-01 to 4.0e-01: after epoch 2"
    assert list(reduction_notes(config(), rows[:2])) == []
    assert list(reduction_notes(config(), [])) == []


def test_a_note_names_some_of_many_epochs() -> None:
    rows = rows_with("loss", *[1.0] * 30, rates=tuple(0.5 ** max(0, epoch - 1) for epoch in range(30)))
    (note,) = reduction_notes(config(), rows)
    assert " 28 times, " in note
    assert note.endswith(": after epochs 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …")


def test_what_another_schedule_would_have_done_is_no_reduction() -> None:
    """As where a run had another schedule in these epochs, before it was resumed."""
    assert list(reduction_notes(config(), rows_with("loss", 1.0, 1.0, 1.0, 1.0, rates=(0.8, 0.8, 0.8, 0.8)))) == []
