"""CSV files: what is read, and every fault with its line and its column."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.csv import CSV
from nnctl.data.source import Samples
from nnctl.errors import DataError
from tests.support.sources import refusal


def read(folder: Path, content: str | bytes, *target: str) -> Samples:
    file = folder / "t.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    contents = CSV(source=str(file), target=list(target or ("y",))).read(file)
    assert contents.files == (file,)
    assert contents.train is not None
    return contents.train


def refused(folder: Path, content: str | bytes, *target: str) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, content, *target)
    return refusal(caught).replace(str(folder) + "/", "")


def test_numbers_names_and_lines(tmp_path: Path) -> None:
    samples = read(tmp_path, "a, y ,b\n1,2,.5\n-1e-3, 4 ,+5E1\n\n")
    np.testing.assert_array_equal(samples.inputs, [[1, 0.5], [-1e-3, 50]])
    np.testing.assert_array_equal(samples.targets, [2, 4])
    assert (samples.input_names, samples.target_names) == (("a", "b"), ("y",))
    assert samples.lines is not None
    assert samples.lines.tolist() == [2, 3]


def test_several_targets_keep_the_order_they_are_named_in(tmp_path: Path) -> None:
    samples = read(tmp_path, "a,y,z\n1,2,3\n4,5,6\n", "z", "y")
    assert samples.targets.tolist() == [[3, 2], [6, 5]]
    assert samples.target_names == ("z", "y")


def test_a_text_target_stays_text(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,y\n1,cat\n2,"dog, big"\n3,cat\n').targets.tolist() == ["cat", "dog, big", "cat"]


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa,y\r\n1,2\r\n", b"a,y\r1,2\r", b'"a","y"\n"1","2"'])
def test_boms_line_ends_and_quotes(tmp_path: Path, content: bytes) -> None:
    samples = read(tmp_path, content)
    assert (samples.input_names, samples.inputs.tolist(), samples.targets.tolist()) == (("a",), [[1]], [2])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "t.csv: is empty"),
        ("\n", "t.csv:1: has no header"),
        ("a,y\n", "t.csv: has a header and no rows"),
        ("a,y\n1,2\n1,2,3\n", "t.csv:3: has 3 values, the header has 2 columns"),
        ("a,y\n1\n", "t.csv:2: has 1 values, the header has 2 columns"),
        ("a,y\n1,2\n\n1,2\n", "t.csv:3: is blank, with rows after it"),
        ("a,y\n1,2\nabc,2\n", "t.csv:3: column a: 'abc' is no number"),
        ("a,y\n1_000,2\n", "t.csv:2: column a: '1_000' is no number"),
        ("a,y\n١,2\n", "t.csv:2: column a: '١' is no number"),
        ("a,y\n0x10,2\n", "t.csv:2: column a: '0x10' is no number"),
        ("a,b,y\n,NA,1\n2,,1\n3,4,\n", "t.csv: has 4 missing values, none may be missing: a (1), b (2), y (1)"),
        ('a,y\n1,2\n"3,4\n5,6\n', "t.csv:3: a quote is not closed before the file ends in line 4"),
        ('a,y\n1,"2\n3,4\n5,6"\n', "t.csv:2: a quoted value runs on to line 4"),
        ('a,y\n"1"2,3\n', "t.csv:2: cannot be read as CSV"),
        ("a,y\n" + "1" * 200_000 + ",2\n", "t.csv:2: holds a value of more than 131,072 characters"),
        ("a,y\n1," + "c" * 300 + "\n", "t.csv:2: column y: a label of 300 characters, 200 are the limit"),
        ("a,a,y\n1,2,3\n", "t.csv:1: has two columns of the name a"),
        ("a,,y\n1,2,3\n", "t.csv:1: column 2 has no name"),
        ("a,price\n1,2\n", "t.csv: has no column y; it has a, price"),
        ("a;y\n1;2\n", "separate the columns with commas"),
        ("1,2\n3,4\n", "the first line must name the columns, it holds numbers"),
        ("y\n1\n", "has no column for the inputs"),
        (b"a,y\n\xff,2\n", "is no UTF-8 text"),
        ("a,y\n1,2\n".encode("utf-16"), "is no UTF-8 text"),
    ],
)
def test_faults_and_their_places(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert message in refused(tmp_path, content)


def test_targets_that_are_not_there_are_guessed_at(tmp_path: Path) -> None:
    assert "did you mean price?" in refused(tmp_path, "a,price\n1,2\n", "prise")
    assert "names y twice" in refused(tmp_path, "a,y\n1,2\n", "y", "y")


def test_all_faults_are_told_at_once_up_to_ten(tmp_path: Path) -> None:
    message = refused(tmp_path, "a,y\nx,1\n,1\n1,2,3\n")
    assert all(part in message for part in (":2: column a", ":4: has 3 values", "has 1 missing values"))
    assert refused(tmp_path, "a,y\n" + "x,1\n" * 1000).count("is no number") == 10


def test_a_line_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.csv.LONGEST_LINE", 100)
    assert "t.csv:2: is longer than 100 characters" in refused(tmp_path, "a,y\n" + "1," * 200)


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder, a file was expected"):
        CSV(source="x", target=["y"]).read(tmp_path)


cells = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
)


@settings(deadline=None, max_examples=100)
@given(rows=st.lists(st.tuples(cells, cells, st.text("ab,\"' c", min_size=1).filter(str.strip)), min_size=1))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([("a", "b", "y"), *rows])
    samples = read(tmp_path_factory.getbasetemp(), file.getvalue())
    assert samples.inputs.tolist() == [[float(a), float(b)] for a, b, _ in rows]
    assert samples.targets.tolist() == [y.strip() for *_, y in rows]


@settings(deadline=None, max_examples=200)
@given(content=st.one_of(st.binary(max_size=60), st.text('a,y\n"1 .e\r\0\ufeff', max_size=60).map(str.encode)))
def test_any_bytes_are_samples_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with suppress(DataError):
        read(tmp_path_factory.getbasetemp(), content)
    with suppress(DataError):
        read(tmp_path_factory.getbasetemp(), b"a,y\n1,2\n" + content)
