"""What a column is, and whether it is an input."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.table.table import Column
from nnctl.drafting.column_profile import ColumnProfile, profiles_of
from tests.support.tables import category, number, table

ROWS = 60
RANDOM = np.random.default_rng(0)
MEASURED = number("measured", RANDOM.normal(size=ROWS))


def profile_of(column: Column) -> ColumnProfile:
    filler = number("filler", np.tile([1.0, 2.5], len(column.values))[: len(column.values)])
    return profiles_of(table(column, filler), ["filler"])[0]


@pytest.mark.parametrize(
    "column",
    [
        number("Order", np.arange(ROWS) + 1),
        number("row", np.arange(ROWS)[::-1]),
        number("PassengerId", RANDOM.choice(10**6, ROWS, replace=False)),
        number("customer_id", RANDOM.choice(10**6, ROWS, replace=False)),
        category("address", [f"{row} Main Street" for row in range(ROWS)]),
    ],
    ids=lambda column: column.name,
)
def test_what_only_tells_the_rows_apart(column: Column) -> None:
    found = profile_of(column)
    assert found.names_rows
    assert found.omitted.startswith("every row has another")


@pytest.mark.parametrize(
    "column",
    [
        MEASURED,
        number("population", RANDOM.choice(10**6, ROWS, replace=False)),  # different and whole, but neither in a row
        number("paid", RANDOM.choice(10**6, ROWS, replace=False)),  # ends in id, but not as a word
        number("x", np.arange(19)),  # too few to tell
        number("grid", RANDOM.choice(5, ROWS)),
        number("sold", np.arange(ROWS), kind="date"),
        number("air", RANDOM.choice(2, ROWS), kind="yes_no"),
        category("town", ["Ames", "Nevada"] * (ROWS // 2)),
        category("rare", ["x", *[None] * (ROWS - 1)]),  # one word, but whether it is there may tell something
    ],
    ids=lambda column: column.name,
)
def test_inputs(column: Column) -> None:
    found = profile_of(column)
    assert found.omitted == ""
    assert not found.names_rows


def test_what_says_nothing() -> None:
    assert profile_of(number("c", np.full(ROWS, 7.0))).omitted == "every row has the same value"
    assert profile_of(number("e", np.full(ROWS, np.nan))).omitted == "no row has a value"
    assert profile_of(category("e", [None] * ROWS)).omitted == "no row has a value"
    remarks: list[str | None] = [f"remark {row % 50}" for row in range(ROWS)]
    found = profile_of(category("remarks", remarks))
    assert found.omitted == "free text: 50 different ones in 60 rows"
    assert not found.names_rows


def test_an_id_with_gaps_does_not_tell_the_rows_apart() -> None:
    assert not profile_of(number("id", [np.nan, *range(1, ROWS)])).names_rows


def test_counts() -> None:
    found = profile_of(category("c", ["a", None, "b", "a", None] * 12))
    assert (found.kind, found.missing, found.distinct) == ("category", 24, 2)
    found = profile_of(number("n", [1.0, np.nan, 1.0, 2.0] * 15))
    assert (found.kind, found.missing, found.distinct) == ("number", 15, 2)


def test_a_target_is_not_judged() -> None:
    numbered = number("y", np.arange(ROWS))
    assert profiles_of(table(numbered, MEASURED), ["y"])[0].omitted == ""
