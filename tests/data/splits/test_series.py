"""Splits of a series: by the rows that are predicted, and without a look into the future."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnctl.data.dataset import Dataset, open_dataset
from nnctl.data.splits.split import Fold
from nnctl.errors import DataError
from tests.support.sources import refusal, source

FIRST = np.datetime64("2020-01-01")
ROWS = 30


def opened(folder: Path, series: dict[str, Any], **keys: Any) -> Dataset:
    value = {
        "source": "t.csv",
        "target": "y",
        "features": {"exclude": ["shop"]},
        "numbers": {"scale": "none"},
        "target_transform": "none",
        "series": series,
        **keys,
    }
    return open_dataset(source(value, folder), "values", 0, "float64")


def written(folder: Path, values: Any, shops: str = "a") -> None:
    """Row n of a shop is n days behind the first."""
    lines = [f"{shop},{FIRST + n},{value}" for shop in shops for n, value in enumerate(values)]
    (folder / "t.csv").write_text("\n".join(["shop,day,y", *lines]) + "\n")


def targets(data: Dataset) -> dict[str, list[list[int]]]:
    return {name: split.targets.astype(int).tolist() for name, split in data.splits().items()}


def first_targets(data: Dataset) -> dict[str, list[int]]:
    return {name: [row[0] for row in rows] for name, rows in targets(data).items()}


def test_a_fraction_is_the_last_part(tmp_path: Path) -> None:
    written(tmp_path, range(ROWS))
    splits = first_targets(opened(tmp_path, {"window": 5}, validation=0.2, test=0.2))
    assert splits == {"train": list(range(5, 21)), "validation": list(range(21, 25)), "test": list(range(25, 30))}


def test_of_each_series(tmp_path: Path) -> None:
    written(tmp_path, range(ROWS), "ab")
    splits = first_targets(opened(tmp_path, {"window": 5, "group": "shop"}, test=0.2))
    assert splits == {"train": [*range(5, 25)] * 2, "test": [*range(25, 30)] * 2}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"column": "day", "from": "2020-01-21"}, range(20, 30)),
        ({"column": "day", "from": "2020-01-21", "to": "2020-01-25"}, range(20, 25)),
        ({"column": "day", "to": "2020-01-10"}, range(5, 10)),
        ({"column": "day", "equals": "2020-01-10"}, [9]),
        ({"column": "day", "last": 0.1}, range(27, 30)),
    ],
)
def test_rules_are_of_the_rows_that_are_predicted(tmp_path: Path, rule: dict[str, Any], expected: Any) -> None:
    written(tmp_path, range(ROWS))
    assert first_targets(opened(tmp_path, {"window": 5}, test=rule))["test"] == list(expected)


def test_no_window_is_in_two_splits_and_training_sees_no_row_of_another(tmp_path: Path) -> None:
    written(tmp_path, range(ROWS))
    rule = {"column": "day", "from": "2020-01-16", "to": "2020-01-18"}  # rows 15, 16 and 17
    data = opened(tmp_path, {"window": 4, "horizon": 2}, test=rule)
    splits = targets(data)
    assert splits["test"] == [[15, 16], [16, 17]]
    assert splits["train"] == [[n, n + 1] for n in (*range(4, 14), *range(22, 29))]
    notes = " | ".join(data.notes)
    assert "2 of the 25 windows are left out: the rows that they predict lie in two splits" in notes
    assert "4 of the 25 windows are not trained on: they have rows of another split among the inputs" in notes
    assert "7 of the 17 training windows are later than test samples: of these training knows the future" in notes


def test_windows_to_test_on_look_back_at_what_was_known(tmp_path: Path) -> None:
    written(tmp_path, range(ROWS))
    data = opened(tmp_path, {"window": 5}, test={"column": "day", "from": "2020-01-21"})
    assert data.test is not None
    assert data.test.inputs[0, :, 0].tolist() == [15, 16, 17, 18, 19]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_training_knows_nothing_of_later_rows(data: st.DataObject, tmp_path: Path) -> None:
    """Whatever the rows from the border on are, nothing that is trained on or fitted changes."""
    border = data.draw(st.integers(15, 25))
    series = {key: data.draw(st.integers(1, 3)) for key in ("window", "horizon", "gap")} | {"group": "shop"}
    keys: dict[str, Any] = {
        "numbers": {"scale": "standard"},
        "target_transform": "standard",
        "validation": {"column": "day", "from": str(FIRST + border), "to": str(FIRST + border + 1)}
        if series["horizon"] <= 2
        else None,
        "test": {"column": "day", "from": str(FIRST + border + (2 if series["horizon"] <= 2 else 0))},
    }
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = random.normal(size=ROWS)
    written(tmp_path, values, "ab")
    before = opened(tmp_path, series, **keys)
    values[border:] = random.normal(size=ROWS - border) * 100
    written(tmp_path, values, "ab")
    after = opened(tmp_path, series, **keys)
    np.testing.assert_array_equal(after.train.inputs, before.train.inputs)
    np.testing.assert_array_equal(after.train.targets, before.train.targets)
    assert after.preprocessing == before.preprocessing
    assert after.transform == before.transform
    assert before.test is not None
    assert after.test is not None
    assert (after.test.targets != before.test.targets).any()


def test_folds_go_forward(tmp_path: Path) -> None:
    written(tmp_path, range(ROWS), "ab")
    seen = []
    for number in (1, 2, 3):
        series = {"window": 2, "group": "shop"}
        splits = first_targets(opened(tmp_path, series, fold=Fold(number=number, folds=3), validation=0.2))
        half = {name: rows[: len(rows) // 2] for name, rows in splits.items()}
        assert all(rows == half[name] * 2 for name, rows in splits.items())
        assert max(half["train"]) < min(half["validation"]) <= max(half["validation"]) < min(half["test"])
        assert [*half["train"], *half["validation"], *half["test"]] == list(range(2, max(half["test"]) + 1))
        seen += half["test"]
    assert seen == list(range(9, 30))


@pytest.mark.parametrize(
    ("keys", "what", "help"),
    [
        (
            {"test": {"column": "day", "from": "2020-01-29"}, "series": {"window": 3, "horizon": 3}},
            "data.test: leaves no window: none predicts 3 rows of these rows alone",
            "take more rows, or set a shorter window or horizon",
        ),
        (
            {"test": {"column": "day", "from": 2021}},
            "data.test: takes none of the 30 rows by column day",
            "the column has dates from 2020-01-01 to 2020-01-30",
        ),
        (
            {"test": {"column": "day", "from": "2020-01-03"}},
            "data.series: no window is left to train on",
            "set less aside",
        ),
        ({"test": 0.01}, "data.test: is 0.01: of 27 windows test takes none", "another fraction"),
        ({"test": 0.99}, "data.test: is 0.99: of 27 windows test takes all", "another fraction"),
        (
            {"fold": Fold(number=1, folds=40)},
            "data.fold: 40 folds need 41 windows of a series, there are 27",
            "use fewer folds",
        ),
    ],
)
def test_what_leaves_nothing(tmp_path: Path, keys: dict[str, Any], what: str, help: str) -> None:
    written(tmp_path, range(ROWS))
    with pytest.raises(DataError) as caught:
        opened(tmp_path, **{"series": {"window": 3}, **keys})
    assert what in refusal(caught)
    assert help in refusal(caught)
