"""Cells as values."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.table.cells import canonical, numbers, parsed
from nnctl.data.table.missing_words import MissingWords
from nnctl.data.table.number_format import NumberFormat

NAN = float("nan")


@pytest.mark.parametrize(
    ("cells", "number_format", "missing", "values", "odd"),
    [
        (["1", "-2.5e3", " .5 "], NumberFormat(), None, [1, -2500, 0.5], []),
        (["1", "", "NA", "Null", "-"], NumberFormat(), None, [1, NAN, NAN, NAN, NAN], []),
        (["1", "", "2"], NumberFormat(), None, [1, NAN, 2], []),
        (["1", "x", "inf", "1_000", "2", "x"], NumberFormat(), None, [1, NAN, NAN, NAN, 2, NAN], [1, 2, 3, 5]),
        (["1,5", "2"], NumberFormat(","), None, [1.5, 2], []),
        (["$1,255", "€ 5"], NumberFormat(".", "$"), None, [1255, NAN], [1]),
        (["1", "-999", "-999.0", "none"], NumberFormat(), ("-999", "none"), [1, NAN, NAN, NAN], []),
        (["1", "NA"], NumberFormat(), (), [1, NAN], [1]),
    ],
)
def test_numbers(
    cells: list[str],
    number_format: NumberFormat,
    missing: tuple[str, ...] | None,
    values: list[float],
    odd: list[int],
) -> None:
    found = numbers(cells, number_format, MissingWords(missing), {})
    np.testing.assert_array_equal(found.values, values)
    assert found.odd == odd


def test_a_cell_is_parsed_once_and_remembered() -> None:
    asked = []

    def parse(text: str) -> float | None:
        asked.append(text)
        return float(text) if text.isdigit() else None

    known: dict[str, float | None] = {}
    assert parsed(["1", "x", "1"], parse, MissingWords(), known).odd == [1]
    assert parsed(["x", "2", "1"], parse, MissingWords(), known).odd == [0]
    assert asked == ["1", "x", "2"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("1.0", "1"),
        ("1.00", "1"),
        ("-3.0", "-3"),
        ("+3.000", "+3"),
        *[(text, text) for text in ("1", "01", "1.10", "1.", ".0", "1.0.0", "v1.0", "1,0", "1.0 ", "10", "1e0", "")],
    ],
)
def test_one_spelling_of_whole_numbers(label: str, expected: str) -> None:
    assert canonical(label) == expected
