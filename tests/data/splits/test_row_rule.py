"""Rows that are set aside by a column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nnctl.data.splits.row_rule import RowRule
from nnctl.data.table.column_hint import ColumnHint
from nnctl.errors import DataError
from tests.support.sources import refusal
from tests.support.tables import category, number, table

NAN = float("nan")
TABLE = table(
    number("year", [2008, 2010, 2009, 2010]),
    category("part", ["train", None, "test", "train"]),
    number("sold", [19_723, 19_724, 19_725.5, 19_726], "date"),  # from 2024-01-01 on
    number("bought", [19_357, 19_722, 19_723, 19_754], "date"),  # the last days of 2022 and 2023, 2024-01-01, -02-01
    number("new", [1, 0, NAN, 0], "yes_no"),
    number("gaps", [1, NAN, 3, 4]),
    category("code", ["1", "2", "2", "3"]),
    number("empty", [NAN] * 4),
    category("odd", ["a\nb", "z" * 300, "c", "d"]),
)


def rows(**rule: Any) -> list[int]:
    return np.flatnonzero(RowRule.model_validate(rule).rows(TABLE, "data.test")).tolist()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"column": "year", "equals": 2010}, [1, 3]),
        ({"column": "year", "equals": "2010"}, [1, 3]),
        ({"column": "year", "from": 2009}, [1, 2, 3]),
        ({"column": "year", "last": 0.25}, [1, 3]),  # rows of one value stay together
        ({"column": "year", "last": 0.01}, [1, 3]),
        ({"column": "part", "equals": "test"}, [2]),  # a missing value is another one
        ({"column": "code", "equals": 2}, [1, 2]),
        ({"column": "code", "equals": [2, "3"]}, [1, 2, 3]),
        ({"column": "year", "equals": [2008, 2009]}, [0, 2]),
        ({"column": "sold", "equals": ["2024-01-01", "2024-01-03"]}, [0, 2]),
        ({"column": "new", "equals": [True]}, [0]),
        ({"column": "code", "equals": 2.0}, [1, 2]),
        ({"column": "gaps", "equals": 3}, [2]),
        ({"column": "sold", "from": "2024-01-03"}, [2, 3]),
        ({"column": "sold", "equals": "2024/01/02"}, [1]),
        ({"column": "sold", "last": 0.5}, [2, 3]),
        ({"column": "year", "to": 2009}, [0, 2]),
        ({"column": "year", "from": 2009, "to": 2009}, [2]),
        ({"column": "sold", "equals": "2024-01-03"}, [2]),  # the whole day
        ({"column": "sold", "to": "2024-01-03"}, [0, 1, 2]),
        ({"column": "sold", "to": "2024-01-03 11:00"}, [0, 1]),
        ({"column": "bought", "from": 2024}, [2, 3]),
        ({"column": "bought", "to": 2023}, [0, 1]),
        ({"column": "bought", "equals": 2023}, [1]),
        ({"column": "bought", "from": "2023-12", "to": "2024-01"}, [1, 2]),
        ({"column": "new", "equals": True}, [0]),
        ({"column": "new", "equals": False}, [1, 3]),
        ({"column": "new", "equals": "no"}, [1, 3]),
    ],
)
def test_which_rows_are_meant(rule: dict[str, Any], expected: list[int]) -> None:
    assert rows(**rule) == expected


def test_a_date_may_be_written_as_in_the_column() -> None:
    sold = replace(number("sold", [19_723, 19_724, 19_725], "date"), hint=ColumnHint("date", "%d.%m.%Y"))
    for written in ("03.01.2024", "3.1.2024", "2024-01-03"):
        rule = RowRule.model_validate({"column": "sold", "from": written})
        assert rule.rows(table(sold), "data.test").tolist() == [False, False, True]
    with pytest.raises(DataError) as caught:
        RowRule.model_validate({"column": "sold", "from": "01/03/2024"}).rows(table(sold), "data.test")
    assert "expected a date like 2024-01-31, or 2024 for column sold, got '01/03/2024'" in refusal(caught)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"column": "yaer", "equals": 1}, "data.test.column: yaer is not a column of data.csv"),
        ({"column": "yaer", "equals": 1}, "did you mean year?"),
        ({"column": "year", "equals": "x"}, "data.test.equals: expected a number for column year, got 'x'"),
        (
            {"column": "sold", "from": "spring"},
            "data.test.from: expected a date like 2024-01-31, or 2024 for column sold, got 'spring'",
        ),
        ({"column": "sold", "from": 2024}, "data.test: takes all of the 4 rows by column sold"),
        ({"column": "year", "to": 2000}, "data.test: takes none of the 4 rows by column year"),
        ({"column": "part", "to": 3}, "expected a column of the type number or date, got part, a category"),
        (
            {"column": "part", "equals": "tst"},
            "data.test.equals: 'tst' is not a value of column part; it has train, test",
        ),
        ({"column": "part", "equals": ["test", "tst"]}, "'tst' is not a value of column part; it has train, test"),
        ({"column": "year", "equals": [2009, 1999]}, "data.test.equals: no row has '1999' in column year"),
        ({"column": "code", "equals": ["1", "2", "3"]}, "data.test: takes all of the 4 rows by column code"),
        ({"column": "zzz", "equals": 1}, "help: name one of its columns"),
        ({"column": "part", "from": 3}, "expected a column of the type number or date, got part, a category"),
        ({"column": "odd", "equals": 1}, "it has 'a\\nb', 'zzzzz"),
        ({"column": "new", "last": 0.5}, "expected a column of the type number or date, got new, a yes_no"),
        ({"column": "gaps", "last": 0.5}, "data.csv:3: column gaps: a value is missing"),
        ({"column": "year", "equals": 1}, "data.test: takes none of the 4 rows by column year"),
        (
            {"column": "year", "from": 2000},
            "takes all of the 4 rows by column year help: the column has numbers from 2008",
        ),
        ({"column": "sold", "from": "2030-01-01"}, "the column has dates from 2024-01-01 to 2024-01-04"),
        ({"column": "empty", "equals": 1}, "all values of the column are missing"),
    ],
)
def test_refusals(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        rows(**rule)
    assert message in refusal(caught)
    assert all(problem.help for problem in caught.value.problems)


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=30).filter(lambda values: len(set(values)) > 1),
    st.floats(0.01, 0.99),
)
def test_the_last_are_the_greatest(values: list[int], share: float) -> None:
    made = table(number("t", values))
    try:
        chosen = RowRule(column="t", last=share).rows(made, "data.test")
    except DataError:  # all rows of one value would leave none
        assert round(share * len(values)) > sum(value > min(values) for value in values)
        return
    taken, left = np.array(values)[chosen], np.array(values)[~chosen]
    assert taken.min() > left.max()
    assert len(taken) >= round(share * len(values))
    assert (taken > taken.min()).sum() < max(1, round(share * len(values)))


def test_it_is_written_as_a_config_has_it() -> None:
    for keys in ({"from": 3, "to": "4"}, {"equals": False}, {"last": 0.5}, {"equals": [1, "b"]}, {"share": 0.5}):
        rule = {"column": "a", **keys}
        assert RowRule.model_validate(rule).model_dump(mode="json") == rule


@pytest.mark.parametrize(
    "rule",
    [
        {"column": "a"},
        {"column": "a", "equals": 1, "from": 2},
        {"column": "a", "equals": 1, "to": 2},
        {"column": "a", "last": 0.5, "to": 2},
        {"column": "", "equals": 1},
        {"equals": 1},
        {"column": "a", "last": 1.0},
        {"column": "a", "last": 0},
        {"column": "a", "from": [1]},
        {"column": "a", "from_": 1},
        {"column": "a", "until": 1},
        {"column": "a", "equals": []},
        {"column": "a", "equals": [[1]]},
        {"column": "a", "share": 1.0},
        {"column": "a", "share": 0.5, "last": 0.5},
    ],
)
def test_what_is_no_rule(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RowRule.model_validate(rule)
