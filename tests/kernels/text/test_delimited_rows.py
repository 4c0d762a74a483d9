"""Rows cut by compiled code, as by csv. tests/data/table/test_fast_rows.py reads whole files with it."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.table.lines import Rows
from nnctl.data.table.plain_rows import Batch, PlainRows
from nnctl.kernels.runtime.workers import set_threads

MISSING = frozenset({"", "na", "–"})
Cells = list[list[str]]


def read(text: str, parts: int = 1, width: int = 2) -> list[Batch] | None:
    """Rows of a column of numbers and others of texts."""
    rows = Rows(Path("t.csv"), iter(()), ",", 1, None)
    rows.header, rows.width = ["header"] * width, width
    return PlainRows(rows, {0: MISSING}, set(range(1, width))).read(text.encode(), 1, parts)


def cells_of(batch: Batch) -> Cells:
    """Its rows, with each number as Python writes it, or as its cell is written where it is not read."""
    values, unread = batch.numbers[0]
    numbers = ["" if math.isnan(value) else repr(float(value)) for value in values]
    for row, text in zip(unread.rows.tolist(), unread.texts, strict=True):
        numbers[row] = text
    columns = [[texts[place] for place in places] for texts, places in batch.texts.values()]
    return [list(row) for row in zip(numbers, *columns, strict=True)]


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        ("1", "1.0"),
        ("-0", "-0.0"),
        ("+1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5.0"),
        (" 7 ", "7.0"),
        ("1e3", "1000.0"),
        ("1E+3", "1000.0"),
        ("12e-1", "1.2"),
        ('"3"', "3.0"),
        ("0.1234567890123456", "0.1234567890123456"),
        ("", ""),
        ("NA", ""),
        (" na ", ""),
        ("–", ""),
        ('""', ""),
        *((text, text) for text in ("-", ".", "1e", "1e+", "1.2.3", "1 2", "--1", "inf", "1_0", "x", "nan", "$1")),
        ('"1,5"', "1,5"),
        ("1e999", "1e999"),
        ("0.12345678901234567890", "0.12345678901234567890"),
    ],
)
def test_a_cell_among_numbers(cell: str, read_as: str) -> None:
    batches = read(f"{cell},a\n2,b\r\n")
    assert batches is not None
    assert cells_of(batches[0]) == [[read_as, "a"], ["2.0", "b"]]


@pytest.mark.parametrize(
    "row",
    [
        "1",
        "1,a,b",
        "",
        "\r",
        '1,"a',
        '1,a"b',
        '1,"a"b',
        '1,"a""b"',
        "1,a\rb",
        '1,"a\rb"',
        "1,a\0b",
        "1," + "a" * 131_072,
    ],
)
def test_a_row_that_is_not_plain(row: str) -> None:
    assert read(f"1,a\n{row}\n1,a\n", parts=2) is None


def test_a_row_that_may_be_the_header() -> None:
    assert read("1,a\nheader,header\n") is None
    assert read("1,a\n2,header\n") is not None


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.lists(st.text("ab\"c,é \t'", max_size=5), min_size=2, max_size=2), min_size=1, max_size=30),
    st.integers(1, 5),
)
def test_the_cells_of_csv(rows: Cells, parts: int) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows = [["1", *row] for row in rows]
    writer.writerows(rows)
    batches = read(text.getvalue(), parts, width=3)
    if any('"' in cell for row in rows for cell in row):
        assert batches is None
    else:
        assert batches is not None
        assert [["1", *row[1:]] for batch in batches for row in cells_of(batch)] == rows
        assert np.concatenate([batch.lines for batch in batches]).tolist() == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_share_the_parts(threads: int) -> None:
    """A million bytes, so that it is worth their while."""
    text = "".join(f"{number / 8},{'ab'[number % 2]}{number % 1000}\n" for number in range(90_000))
    try:
        set_threads(threads)
        batches = read(text, parts=8)
    finally:
        set_threads(None)
    assert batches is not None
    assert len(batches) == 8
    rows = [row for batch in batches for row in cells_of(batch)]
    assert rows == [[repr(number / 8), f"{'ab'[number % 2]}{number % 1000}"] for number in range(90_000)]
