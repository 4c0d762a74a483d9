"""What rows have that training never saw: counted over blocks, told in few sentences, refused where it is all."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.settings import CategorySettings, NumberSettings
from nnctl.data.table.table import Table
from nnctl.data.table.unfamiliar import Unfamiliar, refuse_all_unseen
from nnctl.errors import DataError
from tests.support.sources import refusal
from tests.support.tables import category, number, table

NAN = float("nan")
DAY = 19_723.0  # 2024-01-01


def fitted(made: Table) -> TablePreprocessing:
    every = np.arange(len(made))
    return TablePreprocessing.fit(made, every, made.names, NumberSettings(), CategorySettings(rare=2), {})


TRAIN = table(
    number("area", [31, 200, NAN]),
    number("sold", [DAY, DAY + 60, DAY + 30], "date"),
    number("new", [1, 0, 0], "yes_no"),
    category("store", ["1", "1", "2"]),
)
OTHER = table(
    number("area", [30.9, 31, 1_000_000, NAN]),
    number("sold", [DAY, DAY - 0.25, NAN, DAY + 90], "date"),
    number("new", [1, 0, 1, 1], "yes_no"),
    category("store", ["1", "2", "x", None]),
)


def test_rows_outside_and_unseen_are_counted_by_column() -> None:
    found = fitted(TRAIN).unfamiliar(OTHER)
    assert list(found.notes()) == [
        "column store: 2 of the 4 rows have a value that training never saw",
        "column area: 2 of the 4 rows are outside 31 … 200, what training saw",
        "column sold: 2 of the 4 rows are outside 2024-01-01 … 2024-03-01, what training saw",
    ]
    one = list(fitted(TRAIN).unfamiliar(OTHER, np.array([0, 1])).notes("test samples"))
    assert one[0] == "column area: 1 of the 2 test samples is outside 31 … 200, what training saw"
    assert list(fitted(TRAIN).unfamiliar(TRAIN).notes()) == []


def test_times_of_day_and_large_numbers_are_shown_as_people_write_them() -> None:
    made = fitted(table(number("when", [DAY, DAY + 0.5], "date"), number("price", [0.0123456, 1234567])))
    found = made.unfamiliar(table(number("when", [DAY + 1], "date"), number("price", [-1])))
    assert found.ranges == {"when": "2024-01-01 … 2024-01-01 12:00:00", "price": "0.0123456 … 1,234,567"}


def test_blocks_add_up() -> None:
    made = fitted(TRAIN)
    parts = (made.unfamiliar(OTHER, np.array(rows)) for rows in ([0], [1, 2], [3]))
    assert sum(parts, Unfamiliar()) == made.unfamiliar(OTHER)


def test_many_columns_are_one_sentence() -> None:
    names = [f"n{position}" for position in range(12)]
    train = table(*(number(name, [0, 1]) for name in names), *(category(f"k{name}", ["a", "a"]) for name in names))
    other = table(*(number(name, [0, 2]) for name in names), *(category(f"k{name}", ["a", "b"]) for name in names))
    unseen, outside = fitted(train).unfamiliar(other).notes()
    assert unseen.startswith(
        "12 columns have values that training never saw, in so many of the 2 rows: kn0 (1), kn1 (1)"
    )
    assert outside.startswith(
        "12 columns are outside what training saw, in so many of the 2 rows: n0 (1 outside 0 … 1),"
    )
    assert outside.endswith("… (12 in all)")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["1.5", "2.5"], "column store: no row has a value that training saw: the first is '1.5', training saw 1"),
        (["b\x1b[2J"], "the first is 'b\\x1b[2J'"),
        ([None, "x"], "column store: no row has a value that training saw: the first is 'x'"),
    ],
)
def test_a_column_without_any_known_category_is_refused(words: list[str | None], what: str) -> None:
    made = fitted(table(category("store", ["1", "1", "2"])))
    with pytest.raises(DataError) as caught:
        refuse_all_unseen(made.unfamiliar(table(category("store", words))), made.columns, "new.csv")
    assert refusal(caught).startswith("new.csv: ")
    assert what in refusal(caught)
    assert "--allow-unseen" in refusal(caught)


def test_one_known_category_is_enough_and_rare_ones_are_known() -> None:
    made = fitted(table(category("store", ["1", "1", "2"])))
    for words in (["x", "1"], ["x", "2"], [None, None]):
        refuse_all_unseen(made.unfamiliar(table(category("store", words))), made.columns, "new.csv")


def test_an_older_checkpoint_keeps_no_range() -> None:
    old = fitted(TRAIN).to_json()
    for column in old["learnt"]:
        column.pop("least", None)
        column.pop("largest", None)
    found = TablePreprocessing.from_json(old).unfamiliar(OTHER)
    assert (dict(found.outside), dict(found.unseen)) == ({}, {"store": 2})
