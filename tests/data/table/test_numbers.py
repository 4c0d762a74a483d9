"""Numbers, dates and yes_no as inputs: each setting by itself, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.numbers import NumberColumn
from nnctl.data.table.settings import ColumnSettings, NumberSettings, hints_of
from nnctl.data.table.statistics import fill_of
from nnctl.errors import DataError
from tests.support.sources import refusal
from tests.support.tables import number, table

NAN = float("nan")


def prepared(values: list[float], train: int | None = None, kind: Any = "number", **settings: Any) -> list[list[float]]:
    """The inputs of all rows, fitted from the first ones."""
    made = table(number("a", values, kind))
    fitted = NumberColumn.fit(
        made, np.arange(train or len(values)), made["a"], NumberSettings(**settings), ColumnSettings()
    )
    out = np.zeros((len(values), len(fitted.outputs)))
    fitted.write(made, np.arange(len(values)), out)
    return out.tolist()


def test_the_mode_is_the_most_frequent_value_and_the_smallest_of_several() -> None:
    assert prepared([5, 2, 5, 2, 9, NAN], scale="none", missing="mode", indicator=False)[-1] == [2]
    assert prepared([5, 2, 5, NAN], scale="none", missing="mode", indicator=False)[-1] == [5]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"missing": "mean"}, [[1, 0], [2, 0], [6, 0], [3, 1]]),
        ({"missing": "median"}, [[1, 0], [2, 0], [6, 0], [2, 1]]),
        ({"missing": -7.0}, [[1, 0], [2, 0], [6, 0], [-7, 1]]),
        ({"indicator": False}, [[1], [2], [6], [2]]),
        ({"clip": 0.0, "missing": 9.0}, [[1, 0], [2, 0], [6, 0], [6, 1]]),  # to what training has
        ({"clip": 0.25}, [[1.5, 0], [2, 0], [4, 0], [2, 1]]),
    ],
)
def test_missing_values_and_clips(settings: dict[str, Any], expected: list[list[float]]) -> None:
    assert prepared([1, 2, 6, NAN], scale="none", **settings) == expected


def test_scales() -> None:
    assert prepared([1, 3, 5, 9], train=3, scale="min_max") == [[0], [0.5], [1], [2]]
    assert prepared([1, 3, 11], train=2) == [[-1], [1], [9]]


def test_log1p_comes_before_the_scale_and_after_the_clip() -> None:
    np.testing.assert_allclose(
        prepared([0, 1, 3], transform="log1p", scale="none"), np.log([[1], [2], [4]]), rtol=1e-15
    )
    np.testing.assert_allclose(prepared([0, 1, 3], transform="log1p", scale="min_max"), [[0], [0.5], [1]], rtol=1e-15)
    np.testing.assert_allclose(
        prepared([0, 1, 3, -5], train=3, clip=0.0, transform="log1p", scale="none")[3], [0.0], atol=0
    )


@pytest.mark.parametrize("scale", ["standard", "min_max"])
def test_constant_columns_are_not_divided_by_zero(scale: str) -> None:
    assert prepared([0.1, 0.1, 0.1, 1.1], train=3, scale=scale) == [[0], [0], [0], [1]]


def test_yes_no_and_dates_are_numbers() -> None:
    assert prepared([1, 0, NAN, 1], kind="yes_no", scale="none") == [[1, 0], [0, 0], [1, 1], [1, 0]]
    assert prepared([19_000, 19_010], kind="date", scale="min_max") == [[0], [1]]


def test_a_value_that_is_missing_in_new_rows_only_is_filled_in() -> None:
    assert prepared([1, 5, 6, NAN], train=3, scale="none") == [[1], [5], [6], [5]]


@pytest.mark.parametrize(
    ("values", "settings", "message"),
    [
        ([1, NAN, NAN], {"missing": "refuse"}, "data.csv:3: column a: 2 values are missing, the first of them here"),
        ([1, 2, 3, NAN], {"missing": "refuse"}, "data.csv:5: column a: a value is missing"),
        ([NAN, NAN, NAN, 1], {}, "data.csv: column a: all values of the training samples are missing"),
        ([NAN, NAN, NAN, 1], {}, "features: {exclude: [a]}"),
        ([1, 2, -3], {"transform": "log1p"}, "data.csv:4: column a: log1p needs values above -1, here is -3"),
        ([1, 2, 3, -1], {"transform": "log1p"}, "data.csv:5: column a: log1p needs values above -1, here is -1"),
        ([1e200, -1e200, 0], {}, "column a: the values are too large"),
        ([1e308, 1e308, 1.5e308], {"missing": "mean"}, "column a: the values are too large"),
        ([1e308, -1e308, 0], {"scale": "min_max"}, "column a: the values are too large"),
        ([1, 2, float("inf")], {"scale": "none", "missing": "mean"}, "column a: the values are too large"),
        ([1, 1 + 1e-9, 1, 1e308], {}, "data.csv:5: column a: 1e+308 is too large for float64"),
    ],
)
def test_refusals(values: list[float], settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        prepared(values, train=3, **settings)
    assert message in refusal(caught)


def test_what_the_precision_cannot_hold_is_refused() -> None:
    made = table(number("a", [1.0, 1e39]))
    fitted = NumberColumn.fit(made, np.array([0]), made["a"], NumberSettings(scale="none"), ColumnSettings())
    with pytest.raises(DataError) as caught:
        fitted.write(made, np.arange(2), np.zeros((2, 1), np.float32))
    assert "data.csv:3: column a: 1e+39 is too large for float32" in refusal(caught)


def test_the_table_itself_is_left_as_it_is() -> None:
    values = [1.0, NAN, 6.0]
    made = table(number("a", values))
    fitted = NumberColumn.fit(made, np.arange(3), made["a"], NumberSettings(clip=0.1), ColumnSettings())
    fitted.write(made, np.arange(3), np.zeros((3, 2)))
    np.testing.assert_array_equal(made["a"].values, values)


MONDAY = 19_723.0  # 2024-01-01


def of_dates(days: Any, cyclic: Any = True, **settings: Any) -> NumberColumn:
    made = table(number("sold", days, "date"))
    return NumberColumn.fit(
        made, np.arange(len(days)), made["sold"], NumberSettings(**settings), ColumnSettings(), cyclic
    )


def test_cycles_of_dates_stand_between_the_days_and_the_indicator() -> None:
    fitted = of_dates([MONDAY, MONDAY + 14, NAN, MONDAY + 1.75], scale="none")
    assert fitted.cyclic == ("weekday", "hour")
    assert fitted.outputs == (
        *("sold", "sold weekday sin", "sold weekday cos", "sold hour sin", "sold hour cos"),
        "sold is missing",
    )
    assert fitted.description == "as it is, weekday, hour, indicator"
    made = table(number("sold", [MONDAY, NAN, MONDAY + 0.25], "date"))
    out = np.zeros((3, 6))
    fitted.write(made, np.arange(3), out)
    filled = MONDAY + 1.75  # the median, whose cycles are not those of a date that nobody knows
    np.testing.assert_allclose(
        out, [[MONDAY, 0, 1, 0, 1, 0], [filled, 0, 0, 0, 0, 1], [MONDAY + 0.25, 0, 1, 1, 0, 0]], atol=1e-12
    )


@pytest.mark.parametrize(
    ("cyclic", "expected"),
    [(True, ("weekday",)), (False, ()), ([], ()), (["month"], ("month",)), (["hour", "weekday"], ("hour", "weekday"))],
)
def test_which_cycles_a_date_has(cyclic: Any, expected: tuple[str, ...]) -> None:
    fitted = of_dates([MONDAY, MONDAY + 5, MONDAY + 20], cyclic)
    assert fitted.cyclic == expected
    assert fitted.all_settings.cyclic == list(expected)
    assert NumberColumn.model_validate(fitted.model_dump(mode="json")) == fitted


def test_numbers_have_no_cycles() -> None:
    made = table(number("a", [0, 400.5]))
    fitted = NumberColumn.fit(made, np.arange(2), made["a"], NumberSettings(), ColumnSettings(), True)
    assert (fitted.cyclic, fitted.all_settings.cyclic) == ((), None)


def test_what_training_saw_is_kept_as_it_was() -> None:
    made = table(number("a", [1, 2, NAN, 50, 99]))
    settings = NumberSettings(clip=0.2, missing=-7.0, transform="log1p")
    fitted = NumberColumn.fit(made, np.arange(4), made["a"], settings, ColumnSettings())
    assert (fitted.least, fitted.largest, fitted.range) == (1, 50, "1 … 50")
    assert fitted.count_outside(made, np.arange(5)) == 1


def test_how_a_column_is_read_is_kept() -> None:
    hint = ColumnHint("number", decimal=",", unit="€")
    made = table(replace(number("a", [1, 2]), hint=hint))
    own = ColumnSettings(missing_words=["?", "-9"])
    fitted = NumberColumn.fit(made, np.arange(2), made["a"], NumberSettings(), own)
    told = fitted.all_settings
    assert (told.decimal, told.unit, told.missing_words) == (",", "€", ["?", "-9"])
    assert hints_of({"a": told})["a"] == replace(hint, missing=("?", "-9"))
    assert NumberColumn.model_validate(fitted.model_dump(mode="json")) == fitted


@pytest.mark.parametrize(
    "change",
    [
        {"least": None},
        {"largest": None},
        {"least": 9.0},
        {"cyclic": ("hour",)},
        {"kind": "date", "least": -1e300},
    ],
)
def test_parts_that_contradict_each_other(change: dict[str, Any]) -> None:
    made = table(number("a", [1, 2]))
    fitted = NumberColumn.fit(made, np.arange(2), made["a"], NumberSettings(), ColumnSettings())
    assert fitted.is_consistent
    assert not fitted.model_copy(update=change).is_consistent


@settings(deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=9))
def test_the_median_is_numpys_to_the_bit(values: list[float]) -> None:
    assert fill_of(NumberSettings(), np.array(values)) == float(np.median(values))
