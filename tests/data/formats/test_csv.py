"""CSV files: what is read, and every fault with its line and its column."""

from __future__ import annotations

import csv
import gzip
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.formats.csv import CSV
from nnctl.data.source import Samples
from nnctl.data.table.table import Table
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


def values(samples: Samples) -> dict[str, list[Any]]:
    """The cells of a table by column, as numbers or as words."""
    assert isinstance(samples.inputs, Table)
    return {
        column.name: [column.labels[int(value)] if column.kind == "category" else value for value in column.values]
        for column in samples.inputs.columns
    }


def words(samples: Samples) -> list[str]:
    """The targets that are words."""
    return [samples.labels[label] for label in samples.targets]


def test_numbers_names_and_lines(tmp_path: Path) -> None:
    samples = read(tmp_path, "a, y ,b\n1,2,.5\n-1e-3, 4 ,+5E1\n\n")
    assert values(samples) == {"a": [1, -1e-3], "y": [2, 4], "b": [0.5, 50]}
    assert (samples.targets.tolist(), samples.target_names, samples.labels) == ([2, 4], ("y",), ())
    assert samples.lines is not None
    assert samples.lines.tolist() == [2, 3]


def test_several_targets_keep_the_order_they_are_named_in(tmp_path: Path) -> None:
    samples = read(tmp_path, "a,y,z\n1,2,3\n4,5,6\n", "z", "y")
    assert samples.targets.tolist() == [[3, 2], [6, 5]]
    assert samples.target_names == ("z", "y")


def test_targets_of_words_and_truth_values(tmp_path: Path) -> None:
    assert words(read(tmp_path, 'a,y\n1,cat\n2,"dog, big"\n3,cat\n')) == ["cat", "dog, big", "cat"]
    samples = read(tmp_path, "a,y\n1,Yes\n2,No\n")
    assert (samples.targets.tolist(), samples.labels) == ([1, 0], ("No", "Yes"))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa,y\r\n1,2\r\n",
        b"a,y\r1,2\r",
        b'"a","y"\n"1","2"',
        b"a;y\n1;2\n",
        b"a\ty\n1\t2\n",
        b"a|y\n1|2\n",
        "a,y\n1,2\n".encode("utf-16"),
    ],
)
def test_marks_line_ends_quotes_and_delimiters(tmp_path: Path, content: bytes) -> None:
    samples = read(tmp_path, content)
    assert (values(samples), samples.targets.tolist()) == ({"a": [1], "y": [2]}, [2])


def test_what_is_said_of_the_text_is_taken(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress("größe:y\nä,b:1\n".encode("latin-1")))
    made = CSV(source="t.csv.gz", target=["y"], delimiter=":", encoding="latin-1")
    samples = made.read(tmp_path / "t.csv.gz").train
    assert samples is not None
    assert values(samples) == {"größe": ["ä,b"], "y": [1]}


def test_only_features_targets_and_what_decides_are_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,a,b,year,y\nx,1,nan,2001,2\nx,2,inf,2002,3\n")
    made = CSV.model_validate(
        {
            "source": str(tmp_path / "t.csv"),
            "target": "y",
            "id": "id",
            "features": {"exclude": ["b"]},
            "validation": {"column": "year", "from": 2002},
        }
    )
    samples = made.read(tmp_path / "t.csv").train
    assert samples is not None
    assert values(samples) == {"a": [1, 2], "year": [2001, 2002], "y": [2, 3]}
    inferred = made.infer(samples)
    assert inferred.features.include == ["a"]  # neither the id nor the year
    assert {name: own.type for name, own in inferred.columns.items()} == dict.fromkeys(("a", "year", "y"), "number")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "t.csv: is empty"),
        ("\n", "t.csv:1: has no header"),
        ("a,y\n", "t.csv: has a header and no rows"),
        ("a,y\n1,2\n1,2,3\n", "t.csv:3: has 3 values, the header has 2 columns"),
        ("a,y\n1\n", "t.csv:2: has 1 value, the header has 2 columns"),
        ("a,y\n1,2\n2,2\nabc,2\n", "t.csv:4: column a: 'abc' is not a number"),
        ("a,y\n1,2\n2,2\n1_000,2\n", "t.csv:4: column a: '1_000' is not a number"),
        ("a,y\n1,2\n2,2\n١,2\n", "t.csv:4: column a: '١' is not a number"),
        ("a,y\n1,2\n2,2\n0x10,2\n", "t.csv:4: column a: '0x10' is not a number"),
        ("a,b,y\n,NA,\n2,,\n3,4,\n", "t.csv: column y: the target is missing in all 3 rows"),
        ('a,y\n1,2\n"3,4\n5,6\n', "t.csv:3: a quote is not closed before the file ends in line 4"),
        ('a,y\n1,"2\n3,4\n5,6"\n', "t.csv:2: a quoted value runs on to line 4"),
        ('a,y\n"1"2,3\n', "t.csv:2: cannot be read as CSV"),
        ("a,y\n" + "1" * 200_000 + ",2\n", "t.csv:2: holds a value of more than 131,072 characters"),
        ("a,a,y\n1,2,3\n", "t.csv:1: has two columns of the name a"),
        ("a,,y\n1,2,3\n", "t.csv:1: column 2 has no name"),
        ("a,price\n1,2\n", "t.csv: has no column y; it has a, price"),
        ("a:y\n1:2\n", "is it all one column? set `delimiter`"),
        ("1,2\n3,4\n", "the first line must name the columns, it holds numbers"),
        ("y\n1\n", "has no column for the inputs"),
        ("a,y\n1,2\n".encode("utf-16")[:-1], "is not UTF-16 text (byte 16)"),
    ],
)
def test_faults_and_their_places(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert message in refused(tmp_path, content)


def test_targets_that_are_not_there_are_guessed_at(tmp_path: Path) -> None:
    assert "did you mean price?" in refused(tmp_path, "a,price\n1,2\n", "prise")
    assert "names y twice" in refused(tmp_path, "a,y\n1,2\n", "y", "y")


def test_all_faults_are_told_at_once_up_to_ten(tmp_path: Path) -> None:
    message = refused(tmp_path, "a,y\n1,1\n2,1\nx,1\n1,2,3\n3,1\n")
    assert all(part in message for part in (":4: column a: 'x' is not a number", ":5: has 3 values"))
    assert refused(tmp_path, "a,y\n" + "1,1\n" * 1001 + "x,1\n" * 1000).count("is not a number") == 10


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder, not a file"):
        CSV(source="x", target=["y"]).read(tmp_path)


numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
)
names = st.text("ab,\"' c", min_size=1).filter(str.strip)


@settings(deadline=None, max_examples=100)
@given(rows=st.lists(st.tuples(numbers, numbers, names), min_size=1))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([("a", "b", "y"), *rows])
    samples = read(tmp_path_factory.getbasetemp(), file.getvalue())
    found = values(samples)
    assert list(zip(found["a"], found["b"], words(samples), strict=True)) == [
        (float(a), float(b), y.strip()) for a, b, y in rows
    ]


@settings(deadline=None, max_examples=200)
@given(content=st.one_of(st.binary(max_size=60), st.text('a,y\n"1 .e\r\0\ufeff', max_size=60).map(str.encode)))
def test_any_bytes_are_samples_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with suppress(DataError):
        read(tmp_path_factory.getbasetemp(), content)
    with suppress(DataError):
        read(tmp_path_factory.getbasetemp(), b"a,y\n1,2\n" + content)
