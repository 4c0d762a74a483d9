"""trials.csv."""

from __future__ import annotations

import csv
import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nnctl.sweeps.trials_csv import trials_csv
from tests.support.records import record


def read(*records: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(trials_csv(records).splitlines()))


def test_the_columns() -> None:
    optimizer = {"type": "sgd", "momentum": 0.9}
    rows = read(
        record(1, 0.9, {"optimizer": "adam"}, metrics={"val_accuracy": 0.9, "loss": math.nan}),
        record(2, None, {"optimizer": optimizer, "momentum": 0.5}, status="failed", error='diverged: "NaN"', epochs=3),
    )
    assert list(rows[0]) == [
        *("trial", "run", "status", "seed", "optimizer", "momentum", "val_accuracy", "loss"),
        *("epochs", "seconds", "error"),
    ]
    assert list(rows[0].values()) == ["1", "001", "finished", "1", "adam", "", "0.9", "", "10", "2.0", ""]
    assert json.loads(rows[1]["optimizer"]) == optimizer
    assert [rows[1][key] for key in ("momentum", "status", "error", "epochs")] == [
        "0.5",
        "failed",
        'diverged: "NaN"',
        "3",
    ]


def test_a_parameter_with_the_name_of_another_column() -> None:
    (row,) = read(record(1, 0.5, {"epochs": 7, "loss": "mse", "seed": 4}, metrics={"loss": 0.5}))
    assert [row[key] for key in ("epochs", "parameters.epochs", "seed", "parameters.seed")] == ["10", "7", "1", "4"]
    assert [row[key] for key in ("loss", "parameters.loss")] == ["0.5", "mse"]


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.lists(st.integers())))
def test_what_is_no_text_is_json(value: Any) -> None:
    (row,) = read(record(1, 0.5, {"p": value}))
    assert json.loads(row["p"]) == value


def test_without_trials_it_is_the_header() -> None:
    assert trials_csv([]) == "trial,run,status,seed,epochs,seconds,error\n"
