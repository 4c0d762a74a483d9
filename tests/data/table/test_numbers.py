"""Numbers, dates and yes_no as inputs: each setting by itself, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.data.table.numbers import NumberColumn
from nnctl.data.table.settings import ColumnSettings, NumberSettings
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
