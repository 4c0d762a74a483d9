"""Text files that hold tables: encodings, gzip, delimiters."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nnctl.data.table.delimited import header_of, read_delimited
from nnctl.data.table.dialect import TextFormat
from nnctl.errors import DataError
from tests.support.sources import refusal

SMALL = "ä,y\n1,é\n2,ü\n"


def write(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def refused(path: Path, *, delimiter: str | None = None, encoding: str | None = None) -> str:
    with pytest.raises(DataError) as caught:
        read_delimited(path, TextFormat(delimiter, encoding))
    return refusal(caught)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", None),
        ("utf-8", "UTF8"),
        ("utf-8-sig", None),
        ("utf-8-sig", "utf-8"),
        ("utf-16", None),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("latin-1", "latin-1"),
        ("cp1252", "windows-1252"),
    ],
)
def test_encodings(tmp_path: Path, packed: bool, encoding: str, said: str | None) -> None:
    content = SMALL.encode(encoding)
    path = write(tmp_path, gzip.compress(content) if packed else content, "t.csv.gz" if packed else "t.csv")
    table = read_delimited(path, TextFormat(encoding=said))
    assert (table.names, table["y"].labels) == (("ä", "y"), ("é", "ü"))


def test_utf_16_in_the_other_order(tmp_path: Path) -> None:
    assert header_of(write(tmp_path, b"\xfe\xff" + SMALL.encode("utf-16-be"))) == ("ä", "y")


def test_a_gzipped_file_is_known_by_its_content(tmp_path: Path) -> None:
    assert header_of(write(tmp_path, gzip.compress(b"a,b\n1,2\n"))) == ("a", "b")
    assert header_of(write(tmp_path, "a,b\n1,2\n", "t.csv.gz")) == ("a", "b")


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        ("a,b\n1,2\n", "t.csv", ("a", "b")),
        ("a;b\n1,5;2,5\n", "t.csv", ("a", "b")),
        ("a\tb, c\n1\t2\n", "t.csv", ("a", "b, c")),
        ("a|b|c\n1|x,y|3\n", "t.csv", ("a", "b", "c")),
        ('"a;b",c\n1,2\n', "t.csv", ("a;b", "c")),
        ("a;b,c\n1,2\n", "t.csv", ("a;b", "c")),
        ("a,b;c\n1;2\n", "t.csv", ("a,b", "c")),
        ("a,b\tc\n1\t2\n", "t.tsv", ("a,b", "c")),
        ("a,x\tb\n1,1\t2\n", "t.tsv.gz", ("a,x", "b")),
        ("text\nhello, you; there\n", "t.csv", ("text",)),
    ],
)
def test_the_delimiter_is_inferred_from_the_rows(
    tmp_path: Path, content: str, name: str, expected: tuple[str, ...]
) -> None:
    assert header_of(write(tmp_path, content, name)) == expected


def test_a_delimiter_that_is_said_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b,c\n1;2,3\n")
    assert header_of(path, TextFormat(";")) == ("a", "b,c")
    assert header_of(path, TextFormat(",")) == ("a;b", "c")
    assert header_of(write(tmp_path, "a b\n1 2\n"), TextFormat(" ")) == ("a", "b")


def test_a_sample_that_ends_in_a_row(tmp_path: Path) -> None:
    rows = "".join(f"{n};{'x' * (n % 7)}, y\n" for n in range(20_000))
    table = read_delimited(write(tmp_path, "a;b\n" + rows))
    assert (table.names, len(table)) == (("a", "b"), 20_000)


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "\0", "\\t"])
def test_no_delimiter(tmp_path: Path, delimiter: str) -> None:
    assert "data.delimiter: expected one printable character or a tab, got " in refused(
        write(tmp_path, SMALL), delimiter=delimiter
    )


@pytest.mark.parametrize("encoding", ["latin-l", "", "rot13", "hex", "a\0b", "undefined"])
def test_no_encoding(tmp_path: Path, encoding: str) -> None:
    message = refused(write(tmp_path, SMALL), encoding=encoding)
    assert "data.encoding: unknown encoding" in message
    assert "latin-1" in message


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("before", [0, 5, 9_000, 100_000])
def test_bytes_that_are_no_text_are_told_with_their_place(tmp_path: Path, packed: bool, before: int) -> None:
    content = ("a,b\n" + "1,2\n" * before).encode("shift-jis") + b"\xa0,3\n"
    message = refused(write(tmp_path, gzip.compress(content) if packed else content), encoding="shift-jis")
    assert f"t.csv: is not shift_jis text (byte {4 + 4 * before:,})" in message
    assert "set the right `encoding`, or save it as shift-jis" in message


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (b"", None, "is empty"),
        (gzip.compress(b"", mtime=0), None, "is empty"),
        (gzip.compress(SMALL.encode() * 1000, mtime=0)[:-20], None, "is truncated or damaged"),
        (gzip.compress(SMALL.encode(), mtime=0)[:-8] + bytes(8), None, "is truncated or damaged (CRC"),
        (gzip.compress(SMALL.encode(), mtime=0) + b"more", None, "is truncated or damaged (Not a gzipped file"),
        (b"PK\x03\x04" + bytes(100), None, "is an Excel workbook or a zip archive"),
        (b"PAR1" + bytes(100), None, "is a Parquet file"),
        (b"a,y\n1,\x002\n", None, "holds bytes that are no text (a zero, byte 6)"),
        (b"a,y\n1,\x81\n", "cp1252", "t.csv:2: is not cp1252 text: no character has the byte 0x81"),
        (SMALL.encode("utf-16-be"), "utf-16", "is not UTF-16 text"),
        ("a,y\n1,2\n".encode("utf-16")[:-1], None, "is not UTF-16 text (byte 16)"),
    ],
)
def test_faults(tmp_path: Path, content: bytes, encoding: str | None, message: str) -> None:
    assert message in refused(write(tmp_path, content), encoding=encoding)


def test_a_folder_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, SMALL, "houses.csv")
    assert "is a folder, not a file" in refused(tmp_path)
    assert "did you mean houses.csv?" in refused(tmp_path / "house.csv")


@pytest.mark.slow
def test_a_bomb_is_stopped_where_its_table_would_be_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.table.table_builder.memory_limit", lambda: 1 << 20)
    path = write(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 10_000_000), "t.csv.gz")
    assert path.stat().st_size < 100_000
    assert "would take more than 0.0 GiB of memory" in refused(path)


def test_a_bomb_of_one_line(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a,b\n" + b"1," * 10_000_000), "t.csv.gz")
    assert ":2: is longer than 16,777,216 characters" in refused(path)


def test_a_bomb_of_blank_lines(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a,b\n1,2\n" + b"\n" * 10_000_000), "t.csv.gz")
    assert ":3: is blank, with 1,000 blank lines after it" in refused(path)
