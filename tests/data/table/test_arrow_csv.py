"""The fast reader gives the table of the careful one, or leaves the file to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnctl.data.table import arrow_csv, delimited
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.delimited import read_delimited
from nnctl.data.table.missing_words import MissingWords
from nnctl.data.table.table import Table
from nnctl.errors import DataError

FIRST = 3  # rows that are read with care


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of any size are large, and blocks short."""
    monkeypatch.setattr(arrow_csv, "LEAST_BYTES", 0)
    monkeypatch.setattr(arrow_csv, "BLOCK", 256)
    monkeypatch.setattr(delimited, "FIRST_ROWS", FIRST)


def told(path: Path, **options: Any) -> Any:
    """All of the table, to the bit, or the error."""
    try:
        table = read_delimited(path, **options)
    except DataError as error:
        return str(error)
    columns = [(replace(column, values=None), column.values.tobytes()) for column in table.columns]  # type: ignore[arg-type]
    return columns, table.lines.tolist(), table.notes


def is_read_fast(path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> bool:
    found: list[Table] = []
    usual = delimited._read_fast
    with monkeypatch.context() as patch:
        patch.setattr(delimited, "_read_fast", lambda *given: found.append(usual(*given)) or found[-1])
        read_delimited(path, **options)
    return bool(found)


def assert_alike(path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    fast = told(path, **options)
    with monkeypatch.context() as patch:
        patch.setattr(arrow_csv, "is_for", lambda path: False)
        assert told(path, **options) == fast


PLAIN = [
    f"{n / 7},{n},{'red' if n % 3 else 'blue'},{'yes' if n % 2 else 'no'},2024-01-{n % 28 + 1:02}" for n in range(99)
]
HEADER = "x,n,colour,sold,day"
FAST: dict[str, list[str]] = {
    "plain": PLAIN,
    "gaps": [*PLAIN, ",,,,", "NA,null,None,?,-"],
    "quotes": [*PLAIN, '"1.5","2","a ""b"", c","no","2024-01-01"'],
    "new words": [*PLAIN, "1,2,Zürich,NO,2024-12-31", "1,2, red ,Yes,2024-12-31 10:00"],
    "odd": [*PLAIN, "1,2,x,maybe,soon"],
    "whole labels": [*PLAIN, "1,2,1.0,no,2024-01-01", "1,2,1,no,2024-01-01"],
    "missing in a column from the start": [f",{row}" for row in PLAIN],
}
CAREFUL: dict[str, list[str]] = {
    "an odd number": [*PLAIN, "many,2,red,no,2024-01-01"],
    "a short row": [*PLAIN, "1,2"],
    "a long row": [*PLAIN, "1,2,3,4,5,6"],
    "a blank line": [*PLAIN, "", "1,2,red,no,2024-01-01"],
    "a value over lines": [*PLAIN, '1,2,"a', 'b",no,2024-01-01'],
    "the header again": [*PLAIN, HEADER, *PLAIN],
    "infinite": [*PLAIN, "inf,2,red,no,2024-01-01"],
    "an open quote": [*PLAIN, '1,2,"a,no,2024-01-01'],
    "text behind a quote": [*PLAIN, '1,2,"a"b,no,2024-01-01'],
    "text behind no text in quotes": [*PLAIN, '1,2,""b,no,2024-01-01'],
    "other bytes": [*PLAIN, "1,2,Z\udcfcrich,no,2024-01-01"],
    "a zero": [*PLAIN, "1,2,a\0b,no,2024-01-01"],
    "a carriage return": [*PLAIN, "1,2,a\rb,no,2024-01-01"],
}


def write(path: Path, rows: list[str], header: str = HEADER, end: str = "\n") -> Path:
    header = f"e,{header}" if rows[0].startswith(",") else header
    path.write_bytes(end.join([header, *rows, ""]).encode("utf-8", "surrogateescape"))
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", FAST)
def test_plain_text(name: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "a.csv", FAST[name], end=end)
    assert is_read_fast(file, monkeypatch)
    assert_alike(file, monkeypatch)
    assert_alike(file, monkeypatch, wanted={"colour", "n"})


@pytest.mark.parametrize("name", CAREFUL)
def test_what_is_unusual_is_left_to_the_careful_reader(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.csv", CAREFUL[name])
    assert_alike(file, monkeypatch)
    assert_alike(file, monkeypatch, lenient=True)
    with pytest.raises(arrow_csv.UnusualTextError):
        list(arrow_csv.batches(file, 1, ",", 5, {0: MissingWords(), 2: None}))


def test_words_that_mean_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "a.csv", [*PLAIN, "-999,-999.0,?,?,?", "1,2,red,no,2024-01-01"])
    for words in (("?", "-999"), ()):
        hints = {name: ColumnHint(missing=words) for name in ("x", "n", "colour")}
        assert_alike(file, monkeypatch, hints=hints)
    assert is_read_fast(file, monkeypatch, hints={"x": ColumnHint(missing=("-999",))})


CELLS = st.sampled_from(
    (
        *("1", "2.5", "-3e2", "1e400", " 7", "NA", "nan", "", "-", "red", "a b"),
        *('"x"', '"x,""y"""', "yes", "no", "2024-01-31"),
    )
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=12), ends=st.booleans())
def test_any_cells(rows: list[list[str]], ends: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "any.csv"
    text = "\n".join(["a,b,n", *(f"{','.join(row)},{number}" for number, row in enumerate(rows))])
    file.write_text(text + "\n" * ends)
    assert_alike(file, monkeypatch)
    assert_alike(file, monkeypatch, lenient=True)
