"""How the text of a file is encoded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nnctl.data.table.delimited import delimited_blocks, read_delimited
from nnctl.data.table.dialect import TextFormat
from nnctl.data.table.table import Table
from nnctl.errors import DataError

CITIES = "Stadt;Fläche\nKöln;1\nBonn;2\nDüren;3\n"


def read(folder: Path, content: bytes, encoding: str | None = None) -> Table:
    (folder / "t.csv").write_bytes(content)
    return read_delimited(folder / "t.csv", TextFormat(encoding=encoding))


def notes(table: Table, folder: Path) -> list[str]:
    return [note.replace(f"{folder}/", "") for note in table.notes]


@pytest.mark.parametrize("declared", [None, "utf-8"])
@pytest.mark.parametrize("packed", [False, True])
def test_lines_that_are_not_utf_8_are_read_as_cp1252_and_told(
    tmp_path: Path, declared: str | None, packed: bool
) -> None:
    content = CITIES.encode("latin-1")
    table = read(tmp_path, gzip.compress(content) if packed else content, declared)
    assert (table.names, table["Stadt"].labels) == (("Stadt", "Fläche"), ("Köln", "Bonn", "Düren"))
    assert notes(table, tmp_path) == ["t.csv is not UTF-8 text in 3 lines: read as cp1252, else set `encoding`"]


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        (b"k,y\n\x80 5,1\nb,2\n", ("€ 5", "b")),
        (b"k,y\n\x93a\x94,1\nb,2\n", ("“a”", "b")),
        (b"k,y\n\x81,1\nb,2\n", ("\x81", "b")),  # which cp1252 does not have, and latin-1 has
        (b"k,y\n\xff\xfe,1\nb,2\n", ("ÿþ", "b")),
    ],
)
def test_a_line_of_another_encoding(tmp_path: Path, content: bytes, labels: tuple[str, ...]) -> None:
    table = read(tmp_path, content)
    assert table["k"].labels == labels
    assert notes(table, tmp_path) == ["t.csv is not UTF-8 text in a line: read as cp1252, else set `encoding`"]


def test_lines_of_both_encodings(tmp_path: Path) -> None:
    content = "k,y\nKöln,1\n".encode() + "Köln,2\nBonn,3\n".encode("cp1252")
    table = read(tmp_path, content)
    assert table["k"].labels == ("Köln", "Bonn")
    assert len(table.notes) == 1


@pytest.mark.parametrize("declared", ["cp1252", "latin-1", "ISO-8859-15", "cp1250", "mac-roman"])
def test_utf_8_is_known_where_another_encoding_is_declared(tmp_path: Path, declared: str) -> None:
    table = read(tmp_path, CITIES.encode(), declared)
    assert table["Stadt"].labels == ("Köln", "Bonn", "Düren")
    assert notes(table, tmp_path) == [f"t.csv is UTF-8 text, not {declared}, in 3 lines: read as UTF-8"]
    right = read(tmp_path, CITIES.encode(declared), declared)
    assert (right["Stadt"].labels, right.notes) == (table["Stadt"].labels, ())


@pytest.mark.parametrize(("text", "encoding"), [("Москва", "cp1251"), ("Москва", "koi8-r"), ("Αθήνα", "iso-8859-7")])
def test_other_alphabets(tmp_path: Path, text: str, encoding: str) -> None:
    table = read(tmp_path, f"k,y\n{text},1\nb,2\n".encode(encoding), encoding)
    assert (table["k"].labels, table.notes) == ((text, "b"), ())


@pytest.mark.parametrize(("text", "encoding"), [("東京", "shift-jis"), ("北京", "gb18030"), ("東京", "euc-jp")])
def test_encodings_of_several_bytes(tmp_path: Path, text: str, encoding: str) -> None:
    assert read(tmp_path, f"k,y\n{text},1\nb,2\n".encode(encoding), encoding)["k"].labels == (text, "b")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_that_does_not_say_so(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, "Stadt,y\nKöln,1\nBonn,2\n".encode(encoding))
    assert table["Stadt"].labels == ("Köln", "Bonn")
    assert notes(table, tmp_path) == ["t.csv is read as UTF-16, which its first bytes do not say"]


@pytest.mark.parametrize("content", [b"k,y\na\x00,1\n", bytes(range(256)) * 4, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"])
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match="holds bytes that are no text"):
        read(tmp_path, content)


def test_lines_are_counted_once_in_blocks(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"k,y\n" + b"\xe4,1\n" * 10)
    blocks = list(delimited_blocks(tmp_path / "t.csv", rows=3))
    told = [note for block in blocks for note in block.notes]
    assert [note.replace(f"{tmp_path}/", "") for note in told] == [
        "t.csv is not UTF-8 text in 10 lines: read as cp1252, else set `encoding`"
    ]
