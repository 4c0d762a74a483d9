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


def test_a_code_of_a_place_is_a_category() -> None:
    codes = np.resize([98001, 98002, 98040], ROWS)
    for name in ("zip", "zipcode", "ZIP Code", "home_zip_code", "PLZ", "postcode", "postal_code", "country code"):
        found = profile_of(number(name, codes))
        assert (found.kind, found.omitted, found.remark) == ("category", "", "numbers that name places"), name
    for column in (number("zipper", codes), number("zip", codes + 0.5), number("zip", RANDOM.choice(10**5, ROWS))):
        assert profile_of(column).kind == "number"


def test_an_id_with_doubles_is_no_input() -> None:
    numbers = RANDOM.choice(10**6, ROWS, replace=False)
    numbers[1] = numbers[0]
    assert profile_of(number("house_id", numbers)).omitted == "an id: 59 different numbers in 60 rows"
    assert profile_of(number("population", numbers)).omitted == ""


def test_words_among_numbers() -> None:
    found = profile_of(category("ticket", ["113803", "373450", "PC 17599"] * 20))
    assert (found.omitted, found.remark) == ("", "67% of them numbers, the others words")
    assert profile_of(category("code", ["1", "2"] * 30)).remark == ""
    prices = [f"{row}.5" if row % 4 else f"ask {row}" for row in range(ROWS)]
    found = profile_of(category("price", [*prices[1:], prices[1]]))
    assert found.omitted == "77% of them numbers, the others words: 59 different ones in 60 rows"


def test_long_texts_are_no_categories() -> None:
    assert profile_of(category("text", ["a", "b" * 300] * 30)).omitted == "free text: of up to 300 characters"


def test_too_many_categories_are_no_input_unless_they_are_rare() -> None:
    names = category("name", [f"name {row // 3}" for row in range(36_000)])
    filler = number("filler", np.arange(36_000) % 7)
    assert profiles_of(table(names, filler), ["filler"])[0].omitted == "12,000 categories, more than 10,000"
    found = profiles_of(table(names, filler), ["filler"], rare=4)[0]
    assert found.omitted == "free text: none of 12,000 different ones occurs 4 times"
    frequent = category("name", [f"name {row % 10 if row % 2 else row // 3}" for row in range(36_000)])
    assert profiles_of(table(frequent, filler), ["filler"], rare=4)[0].omitted == ""


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
