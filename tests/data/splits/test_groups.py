"""Splits that take whole groups of rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.splits.groups import Grouped, GroupedRows, take_groups
from nnctl.data.splits.row_rule import RowRule
from nnctl.data.splits.split import Fold
from nnctl.data.table.table import Table
from nnctl.errors import DataError
from tests.support.sources import refusal
from tests.support.tables import category, number, table

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "group_folds.json").read_text())
NAN = float("nan")


def rows_of(groups: Any) -> Table:
    return table(number("g", groups))


def taken(made: Table, part: Grouped, seed: int = 0, name: str = "test") -> GroupedRows:
    return take_groups(made, np.arange(len(made)), part, seed, name)


def share(of: float) -> RowRule:
    return RowRule(column="g", share=of)


def fold(number: int, folds: int) -> Fold:
    return Fold(number=number, folds=folds, group="g")


@settings(deadline=None)
@given(
    groups=st.lists(st.integers(0, 8), min_size=2, max_size=60).filter(lambda groups: len(set(groups)) > 1),
    asked=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**64 - 1),
)
def test_a_share_is_of_whole_groups_and_leaves_some(groups: list[int], asked: float, seed: int) -> None:
    staying, own, _ = taken(rows_of(groups), share(asked), seed)
    assert sorted([*staying, *own]) == list(range(len(groups)))
    assert {groups[row] for row in staying}.isdisjoint(groups[row] for row in own)
    assert len(staying)
    assert len(own)
    assert (np.diff(own) > 0).all()
    largest = max(np.bincount(groups))
    assert abs(len(own) - asked * len(groups)) <= largest
    np.testing.assert_array_equal(taken(rows_of(groups), share(asked), seed).taken, own)


def test_groups_of_one_size_meet_the_share_exactly_and_each_seed_draws_others() -> None:
    made = rows_of(np.arange(600) % 60)
    for asked in (0.1, 0.2, 0.5):
        assert len(taken(made, share(asked)).taken) == 600 * asked
    drawn = {tuple(taken(made, share(0.1), seed, name).taken) for seed in (0, 1) for name in ("test", "validation")}
    assert len(drawn) == 4


def test_a_large_group_is_passed_over_where_others_meet_the_share() -> None:
    for seed in range(5):
        own = taken(rows_of([0] * 50 + list(range(1, 51))), share(0.2), seed).taken
        assert len(own) == 20
        assert own.min() >= 50


def test_a_share_that_no_group_meets_is_told() -> None:
    _, own, notes = taken(rows_of([0] * 6 + [1] * 5 + [2] * 9), share(0.05))
    assert own.tolist() == [6, 7, 8, 9, 10]  # the smallest
    assert notes == ("the test samples are 25% of 20 rows, where 5% are asked: the 3 groups of column g stay whole",)
    _, own, notes = taken(rows_of([0] * 3 + [1] * 4), share(0.95))
    assert own.tolist() == [3, 4, 5, 6]  # one group stays


def test_missing_values_are_one_group_and_told() -> None:
    made = rows_of([NAN, 1, 2, NAN, 3, NAN])
    staying, own, notes = taken(made, share(0.5), 3)
    assert {0, 3, 5} <= set(own.tolist()) or {0, 3, 5} <= set(staying.tolist())
    assert notes == ("column g: 3 rows without a value are taken for one group",)
    assert taken(table(category("g", ["a", None, "b"])), share(0.3)).notes == (
        "column g: 1 row without a value is taken for one group",
    )


@pytest.mark.parametrize("case", GOLDEN["sizes"], ids=lambda case: f"{len(case['groups'])} in {case['folds']}")
def test_folds_have_the_sizes_that_scikit_learn_gives(case: dict[str, Any]) -> None:
    groups = np.repeat(np.arange(len(case["groups"])), case["groups"])
    made = rows_of(np.random.default_rng(1).permutation(groups))
    found = [taken(made, fold(number, case["folds"]), 5) for number in range(1, case["folds"] + 1)]
    assert sorted(len(own.taken) for own in found) == case["sizes"]
    assert sorted(np.concatenate([own.taken for own in found])) == list(range(len(made)))
    values = made["g"].values
    for own in found:
        assert not np.intersect1d(values[own.taken], values[own.staying]).size


def test_only_the_rows_that_are_left_are_looked_at() -> None:
    made = rows_of([0, 0, 1, 1, 2, 2])
    rows = np.array([0, 1, 4, 5])
    staying, own, _ = take_groups(made, rows, share(0.5), 0, "validation")
    assert sorted([*staying, *own]) == rows.tolist()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (share(0.2), "data.test: all 4 rows have one value of column g, and a group stays whole"),
        (fold(1, 2), "data.fold: 2 folds of 1 group of column g: some would be empty help: name another column"),
        (RowRule(column="x", share=0.2), "data.test.column: x is not a column of data.csv; it has g"),
        (Fold(number=1, folds=2, group="gg"), "data.fold.group: gg is not a column of data.csv; it has g"),
    ],
)
def test_refusals(part: Grouped, message: str) -> None:
    with pytest.raises(DataError) as caught:
        taken(rows_of([7, 7, 7, 7]), part)
    assert message in refusal(caught)


def test_more_folds_than_groups() -> None:
    with pytest.raises(DataError) as caught:
        taken(rows_of([1, 1, 2, 3]), fold(1, 4))
    assert "4 folds of 3 groups of column g: some would be empty help: use at most 3 folds" in refusal(caught)


def test_golden_rows() -> None:
    """These rows must never change: a checkpoint is evaluated on the very samples that were set aside."""
    made = rows_of([3, 1, 2, 3, 1, 4, 4, 5, 5, 5])
    assert taken(made, share(0.3), 42).taken.tolist() == [1, 2, 4]
    assert taken(made, fold(2, 3), 42).taken.tolist() == [0, 3, 5, 6]
