"""What each parameter does to the metric."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.files import to_json
from nnctl.sweeps.effects import effects
from nnctl.sweeps.record import TrialRecord
from tests.support.records import record

SGD = {"type": "sgd", "momentum": 0.9}


def grid() -> list[TrialRecord]:
    """All combinations of learning_rate and optimizer; the first decides, the second does a little."""
    return [
        record(
            1 + number,
            10.0 * rate + (0.5 if optimizer == SGD else 0.0),
            {"learning_rate": rate, "optimizer": optimizer},
        )
        for number, (optimizer, rate) in enumerate((o, r) for o in ["adam", SGD] for r in [0.2, 0.1])
    ]


def test_the_means_and_the_order() -> None:
    rate, optimizer = effects(grid(), higher=True)
    assert [rate["parameter"], optimizer["parameter"]] == ["learning_rate", "optimizer"]
    assert rate["values"][0] == {
        **{"value": 0.1, "label": "0.1", "trials": 2, "mean": 1.25, "deviation": pytest.approx(0.5 / math.sqrt(2))},
        **{"best": 1.5, "pruned": 0, "failed": 0},
    }
    assert [row["label"] for row in optimizer["values"]] == ["adam", "sgd momentum=0.9"]
    assert optimizer["values"][1]["value"] == SGD
    assert (rate["share"], optimizer["share"]) == (pytest.approx(0.8), pytest.approx(0.2))


def test_the_best_is_the_lowest_where_that_is_better() -> None:
    assert effects(grid(), higher=False)[0]["values"][0]["best"] == 1.0


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(-1e6, 1e6).map(lambda value: round(value, 3))),
        min_size=2,
        max_size=40,
    )
)
def test_the_share_is_eta_squared(drawn: list[tuple[str, float]]) -> None:
    (effect,) = effects([record(1 + n, value, {"p": name}) for n, (name, value) in enumerate(drawn)], higher=True)
    values = np.array([value for _, value in drawn])
    own = {name: values[[other == name for other, _ in drawn]] for name in dict.fromkeys(name for name, _ in drawn)}
    assert [row["label"] for row in effect["values"]] == list(own)
    for row, mine in zip(effect["values"], own.values(), strict=True):
        assert row["trials"] == len(mine)
        assert row["mean"] == pytest.approx(mine.mean())
        assert row["best"] == mine.max()
        assert (row["deviation"] is None) == (len(mine) == 1)
    total = ((values - values.mean()) ** 2).sum()
    if len(own) == 1 or len(set(values)) == 1:
        assert effect["share"] is None
    else:
        within = sum(((mine - mine.mean()) ** 2).sum() for mine in own.values())
        assert effect["share"] == pytest.approx(1 - within / total, abs=1e-6)


@given(st.lists(st.floats(1e-5, 1.0), min_size=7, max_size=60, unique=True))
def test_many_numbers_are_put_into_quarters(numbers: list[float]) -> None:
    (effect,) = effects([record(1 + n, value, {"p": value}) for n, value in enumerate(numbers)], higher=False)
    rows = effect["values"]
    assert len(rows) == 4
    assert sum(row["trials"] for row in rows) == len(numbers)
    assert max(row["trials"] for row in rows) - min(row["trials"] for row in rows) <= 1
    assert [row["best"] for row in rows] == [row["value"]["min"] for row in rows] == sorted(row["best"] for row in rows)
    assert rows[-1]["value"]["max"] == max(numbers)


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        (
            [0.0001, 0.00012345, 0.001, 0.0012, 0.01, 0.02, 0.5, 0.98765],
            ["0.0001 – 0.00012", "0.001 – 0.0012", "0.01 – 0.02", "0.5 – 0.99"],
        ),
        ([0.9 + n / 100 for n in range(8)], ["0.9 – 0.91", "0.92 – 0.93", "0.94 – 0.95", "0.96 – 0.97"]),
        (
            [0.99 + n / 1e4 for n in range(8)],
            ["0.99 – 0.9901", "0.9902 – 0.9903", "0.9904 – 0.9905", "0.9906 – 0.9907"],
        ),
        ([12.34, 56.78, 123.4, 123.5, 1e3, 2e3, 1e9], ["12.34 – 56.78", "123.4", "123.5 – 1000", "2000 – 1e+09"]),
        ([1, 1.0, 1.0 + 1e-15, 2, 3, 4, 5.0], ["1", "1.0000000000000011", "2 – 3", "4 – 5"]),
        ([16, 32, 64, 128, 256, 512, 1024], ["16 – 32", "64", "128 – 256", "512 – 1024"]),
    ],
)
def test_the_label_of_a_quarter_is_its_bounds(numbers: list[float], shown: list[str]) -> None:
    (effect,) = effects([record(1 + n, float(n), {"p": number}) for n, number in enumerate(numbers)], higher=True)
    assert [row["label"] for row in effect["values"]] == shown


def test_equal_numbers_stay_together() -> None:
    numbers = [1, 2, 3, 3, 3, 3, 3, 4, 5, 6, 7]
    (effect,) = effects([record(1 + n, float(n), {"p": number}) for n, number in enumerate(numbers)], higher=True)
    shown = [(row["label"], row["trials"]) for row in effect["values"]]
    assert shown == [("1 – 2", 2), ("3", 5), ("4", 1), ("5 – 7", 3)]


def test_where_it_is_not_used_is_a_value_of_its_own() -> None:
    records = [record(1, 1.0, {"a": "x"}), record(2, 2.0, {"a": "y", "b": None}), record(3, 4.0, {"a": "y", "b": 0.5})]
    effect = next(effect for effect in effects(records, higher=True) if effect["parameter"] == "b")
    assert [(row["label"], row["mean"]) for row in effect["values"]] == [("null", 2.0), ("0.5", 4.0), ("not used", 1.0)]


def test_trials_that_did_not_finish() -> None:
    records = [
        *(record(1, 1.0, {"p": "a"}), record(2, 3.0, {"p": "a"}, status="pruned"), record(3, 5.0, {"p": "b"})),
        *(record(4, 100.0, {"p": "b"}, status="failed"), record(5, math.nan, {"p": "b"})),
        *(record(6, 100.0, {"p": "a"}, status="unfinished"), record(7, None, {"p": "c"}, status="failed")),
    ]
    (effect,) = effects(records, higher=True)
    keys = ("label", "trials", "mean", "pruned", "failed")
    assert [tuple(row[key] for key in keys) for row in effect["values"]] == [
        *(("a", 2, 2.0, 1, 0), ("b", 1, 5.0, 0, 1), ("c", 0, None, 0, 1)),
    ]


def test_numbers_too_large_to_add_up_are_no_error() -> None:
    records = [record(1 + n, value, {"p": n % 2}) for n, value in enumerate([1.7e308, -1.7e308, 1.6e308, 1.0])]
    (effect,) = effects(records, higher=False)
    assert effect["share"] is None
    assert [row["best"] for row in effect["values"]] == [1.6e308, -1.7e308]
    to_json(effect)


def test_without_trials_there_are_none() -> None:
    assert effects([], higher=True) == []
    assert effects([record(1, None, {"p": 1}, status="unfinished")], higher=True) == []
