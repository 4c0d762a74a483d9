"""The report of a sweep."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl import __version__
from nnctl.files import to_json
from nnctl.sweeps.record import TrialRecord
from nnctl.sweeps.summary import report_of
from tests.support.records import record


def report(records: list[TrialRecord], higher: bool = True, seeds: int = 1) -> dict[str, Any]:
    return report_of(
        folder=Path("runs/s"),
        name="s",
        method="grid",
        metric="val_accuracy",
        higher=higher,
        seeds=seeds,
        records=records,
        stopped="finished",
        seconds=12.34567,
        notes=["memory is short"],
    )


def seeded(*combinations: list[float | None]) -> list[TrialRecord]:
    """Trials of several seeds, by combination."""
    flat = [(position, seed, value) for position, own in enumerate(combinations) for seed, value in enumerate(own)]
    return [
        record(1 + number, value, {"p": position}, combination=position, seed=seed)
        for number, (position, seed, value) in enumerate(flat)
    ]


def test_the_whole_report() -> None:
    told = report(
        [record(1, 0.5, {"p": 1}), record(2, 0.75, {"p": 2}, status="early"), record(3, None, status="failed")]
    )
    assert list(told) == [
        *("sweep", "name", "method", "metric", "direction", "stopped", "seeds", "trials", "combinations", "best"),
        *("effects", "counts", "seconds", "notes", "version"),
    ]
    assert told["direction"] == "maximize"
    assert told["counts"] == {"finished": 1, "early": 1, "pruned": 0, "failed": 1, "unfinished": 0}
    assert told["best"] == {
        **{"trial": 2, "run": "runs/s/002", "parameters": {"p": 2}, "value": 0.75, "mean": 0.75, "deviation": None},
        "config": "runs/s/002/config.yaml",
    }
    assert [trial["trial"] for trial in told["trials"]] == [1, 2, 3]
    assert (told["seconds"], told["version"]) == (12.346, __version__)
    assert json.loads(to_json(told)) == told


def test_seeds_are_taken_together() -> None:
    told = report(seeded([0.25, 0.75], [0.625, 0.625], [0.0, 1.0]), seeds=2)
    means = [(combination["parameters"]["p"], combination["mean"]) for combination in told["combinations"]]
    assert means == [(1, 0.625), (0, 0.5), (2, 0.5)]
    assert [combination["deviation"] for combination in told["combinations"]] == pytest.approx(
        [0, 0.125**0.5, 0.5**0.5]
    )
    assert (told["best"]["trial"], told["best"]["value"]) == (3, 0.625)


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_a_combination_without_one_of_its_seeds_is_not_ranked(missing: float | None) -> None:
    told = report(seeded([0.9, missing], [0.5, 0.25], [0.1, 0.1]), seeds=2)
    shown = [(c["parameters"]["p"], c["mean"], c["complete"]) for c in told["combinations"]]
    assert shown == [(1, 0.375, True), (2, 0.1, True), (0, 0.9, False)]
    assert told["best"]["trial"] == 3
    alone = report(seeded([0.9, 0.9], [0.95]), seeds=2)
    assert [c["complete"] for c in alone["combinations"]] == [True, False]


@pytest.mark.parametrize("status", ["pruned", "failed", "unfinished"])
def test_what_did_not_run_to_its_end_is_never_the_best(status: str) -> None:
    told = report([record(1, 0.9, status=status)])
    assert told["best"] is None
    assert told["combinations"] == [
        {"parameters": {}, "trials": [1], "mean": None, "deviation": None, "complete": False}
    ]
    assert report([record(1, 0.9, status=status), record(2, 0.1)])["best"]["trial"] == 2


def test_nothing_at_all() -> None:
    told = report([])
    assert (told["best"], told["combinations"], told["effects"]) == (None, [], [])


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=12), st.booleans())
def test_the_earliest_of_the_best_wins(values: list[float], higher: bool) -> None:
    told = report([record(1 + number, value) for number, value in enumerate(values)], higher)
    wanted = max(values) if higher else min(values)
    assert told["best"]["trial"] == 1 + values.index(wanted)
    means = [combination["mean"] for combination in told["combinations"]]
    assert means == sorted(values, reverse=higher)
