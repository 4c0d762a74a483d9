"""One decimal sign for a file: columns that could have either take it from those that tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.data.table.delimited import read_delimited
from nnctl.data.table.file_decimal import has_decimal_comma


@pytest.mark.parametrize(
    ("rows", "delimiter", "expected"),
    [
        ([["85.211", "-0,59"], ["12.250", "1,25"]], ";", True),
        ([["85.211", "-0,59"], ["12.250", "1,25"]], "\t", True),
        ([["6,522"], ["32,291"]], ";", True),
        ([["6,522"], ["32,291"]], "\t", False),
        ([["7.036", "14,108"], ["2.500", "1,500"]], ";", True),
        ([["7.036"], ["2.500"]], ";", False),  # no comma anywhere
        ([["0.5", "6,522"], ["1.5", "32,291"]], ";", False),  # a decimal point
        ([["0.5", "0,59"], ["1.5", "1,25"]], ";", False),  # both
        ([["1,250"], ["980"], ["12,400"], ["3,100"]], ";", False),  # thousands: others are whole
        ([["$6,522"], ["$32,291"]], ";", False),  # money has no thousandths
        ([["well, 0,5", "6"], ["so, yes", "7"]], ";", False),
        ([["", "0,5"], ["-", "NA"], ["1.250", "0,25"], ["cut"]], ";", True),
    ],
)
def test_what_the_columns_tell(rows: list[list[str]], delimiter: str, expected: bool) -> None:
    assert has_decimal_comma(rows, delimiter) == expected


EITHER = "decimal sign could be either: it is taken for a comma, as other columns or semicolons suggest: "


@pytest.mark.parametrize(
    ("content", "values", "notes"),
    [
        (
            "people;rate\n85.211;-0,59\n12.250;1,25\n",
            [[85211, 12250], [-0.59, 1.25]],
            [
                f"a column's {EITHER}people ('85.211' is 85211, else set `columns: {{people: {{decimal: '.'}}}}`)",
                "a column of numbers has a decimal comma: rate",
            ],
        ),
        (
            "a;b\n7.036;14,108\nNA;1,500\n2.500;2,500\n",
            [[7036, float("nan"), 2500], [14.108, 1.5, 2.5]],
            [
                f"2 columns' {EITHER}a ('7.036' is 7036, else set `columns: {{a: {{decimal: '.'}}}}`), "
                "b ('14,108' is 14.108, else set `columns: {b: {decimal: '.'}}`)",
            ],
        ),
        ("a;b\n7.036;1\n2.500;2\n", [[7.036, 2.5], [1, 2]], []),
        (
            "a;b\n0.5;14,108\n1.5;1,500\n",
            [[0.5, 1.5], [14108, 1500]],
            [
                "a column's only separator is taken for one between thousands: "
                "b ('14,108' is 14108, else set `columns: {b: {decimal: ','}}`)"
            ],
        ),
    ],
)
def test_a_file_is_read_with_it(tmp_path: Path, content: str, values: list[list[float]], notes: list[str]) -> None:
    (tmp_path / "t.csv").write_text(content)
    table = read_delimited(tmp_path / "t.csv")
    assert repr([column.values.tolist() for column in table.columns]) == repr([list(map(float, row)) for row in values])
    assert list(table.notes) == notes


def test_a_column_that_is_not_wanted_tells_too(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("people;rate\n85.211;-0,59\n12.250;1,25\n")
    assert read_delimited(tmp_path / "t.csv", wanted={"people"})["people"].values.tolist() == [85211, 12250]
