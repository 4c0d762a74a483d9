"""Conditions on the values of a column: where they hold, in words, and as data."""

from __future__ import annotations

import math

import numpy as np

from nnctl.commands.conditions import Among, Range, joined, only_missing
from tests.support.tables import category, number

SIZES = number("size", [1.0, 2.5, np.nan, 4_000.0])
DAYS = number("sold", [0.0, 365.0, np.nan], "date")
COLOURS = category("colour", ["red", "blue", None, "green", "red", "two words, really"])


def among(*positions: int) -> Among:
    return Among(COLOURS, frozenset(positions))


def test_numbers() -> None:
    above, below = Range(SIZES, above=2.0), Range(SIZES, at_most=3_000.0, or_missing=True)
    assert above.holds().tolist() == [False, True, False, True]
    assert below.holds().tolist() == [True, True, True, False]
    assert above.also(below).holds().tolist() == [False, True, False, False]
    assert (above.text(), below.text()) == ("size above 2", "size at most 3,000 or missing")
    assert above.also(below).text() == "size above 2 and at most 3,000"
    assert above.to_json() == {"column": "size", "above": 2.0, "missing": False}
    assert below.to_json() == {"column": "size", "at_most": 3000.0, "missing": True}
    assert (above.parts, above.also(below).parts) == (1, 2)


def test_missing_numbers() -> None:
    absent, present = only_missing(SIZES), Range(SIZES)
    assert absent.holds().tolist() == [False, False, True, False]
    assert present.holds().tolist() == [True, True, False, True]
    assert (absent.text(), present.text()) == ("size is missing", "size is not missing")
    assert absent.to_json() == {"column": "size", "missing": True}
    assert present.to_json() == {"column": "size", "missing": False}
    assert (absent.parts, present.parts) == (1, 1)


def test_dates() -> None:
    later = Range(DAYS, above=31.0)
    assert later.text() == "sold above 1970-02-01"
    assert later.to_json() == {"column": "sold", "above": "1970-02-01", "missing": False}


def test_categories() -> None:
    assert among(1, 0).holds().tolist() == [True, True, False, False, True, False]
    assert among(0).text() == "colour is red"
    assert among(1, 0).text() == "colour is red or blue"
    assert among(-1).text() == "colour is missing"
    assert among(-1, 3).text() == "colour is missing or two words, really"
    assert among(0, 1, 2, 3).text() == "colour is not missing"
    assert among(-1, 1, 2).text() == "colour is neither red nor two words, really"
    assert among(-1, 0).to_json() == {"column": "colour", "is": [None, "red"]}
    assert among(0, 1, 2, 3).to_json() == {"column": "colour", "is_not": [None]}


def test_conditions_on_one_column_are_one() -> None:
    made = joined([Range(SIZES, above=2.0), among(0, 1), Range(SIZES, at_most=9.0), among(1, 2)])
    assert [condition.text() for condition in made] == ["size above 2 and at most 9", "colour is blue"]
    assert made[0].key == ("size", 2.0, 9.0, False) != Range(SIZES, 2.0, math.inf).key
