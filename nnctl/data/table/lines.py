"""Text files that hold tables: opened, unpacked, decoded, and cut into rows of cells."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from nnctl.data.files import file_error, require_file
from nnctl.errors import DataError, Problem
from nnctl.regular_file import reading
from nnctl.text import quoted

LONGEST_LINE = 1 << 24  # characters
MOST_BLANK_LINES = 1000  # at the end; more are a file that is nothing but them
SAMPLE = 1 << 16  # characters that the delimiter is inferred from
DELIMITERS = ",;\t|"
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
GZIP = b"\x1f\x8b"
NO_TEXT = {
    b"PK\x03\x04": ("is an Excel workbook or a zip archive", "save the sheet as CSV, or unpack it"),
    b"PAR1": ("is a Parquet file", "end its name in .parquet, or set `format: parquet`"),
}

Bytes = gzip.GzipFile | io.BufferedReader


@contextmanager
def text_of(path: Path, encoding: str | None) -> Iterator[IO[str]]:
    """The text of a file, unpacked where it is gzipped. Every failure while it is read is a DataError."""
    require_file(path)
    if encoding is not None:
        _require_encoding(encoding)
    with reading(path, DataError), path.open("rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        try:
            with gzip.GzipFile(fileobj=raw) if packed else raw as content:
                name = encoding or _encoding_of(path, content.read(4))
                content.seek(0)
                with io.TextIOWrapper(content, _with_bom(name), newline="") as file:
                    try:
                        yield file
                    except UnicodeError as error:
                        raise _undecodable(path, name, content, error) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise file_error(path, f"is truncated or damaged ({error})", "fetch the file again") from None


def _require_encoding(name: str) -> None:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        what = f"unknown encoding {quoted(name)}"
        raise DataError(Problem(what, path="data.encoding", help="set one like utf-8, latin-1, cp1252")) from None


def _encoding_of(path: Path, start: bytes) -> str:
    if not start:
        raise file_error(path, "is empty", "give a file with samples, or fetch it again")
    if wrong := NO_TEXT.get(start):
        raise file_error(path, *wrong)
    return next((name for bom, name in BOMS.items() if start.startswith(bom)), "utf-8")


def _with_bom(name: str) -> str:
    return "utf-8-sig" if codecs.lookup(name).name == "utf-8" else name


def _undecodable(path: Path, name: str, content: Bytes, error: UnicodeError) -> DataError:
    """error.start counts from the start of a chunk of bytes, and content has been read up to its end."""
    place = ""
    if isinstance(error, UnicodeDecodeError):
        place = f" (byte {content.tell() - len(error.object) + error.start:,})"
    help = "set its `encoding`, latin-1 for many older files, or save it as UTF-8"
    return file_error(path, f"is not {_in_words(name)} text{place}", help)


def _in_words(encoding: str) -> str:
    return encoding.upper().removesuffix("-SIG") if encoding.lower().startswith("utf") else encoding


def delimiter_of(path: Path, file: IO[str]) -> str:
    """The delimiter that gives the header two columns or more and the most rows as many. The file is rewound."""
    lines = list(io.StringIO(file.read(SAMPLE), newline=""))  # the last may be cut off: one of many
    file.seek(0)
    candidates = "\t,;|" if ".tsv" in path.suffixes[-2:] else DELIMITERS
    return max(candidates, key=lambda delimiter: _fitness(lines, delimiter))


def _fitness(lines: list[str], delimiter: str) -> tuple[float, int]:
    """The share of rows with as many cells as the header, and their number; nothing where the header has one."""
    counts = []
    try:
        for row in csv.reader(lines, delimiter=delimiter, strict=True):
            counts.append(len(row))
    except csv.Error:
        pass  # reported when the file is read
    if not counts or counts[0] < 2:
        return 0.0, 0
    return counts.count(counts[0]) / len(counts), counts[0]


def require_delimiter(delimiter: str) -> None:
    """Refuse what cannot be a delimiter."""
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        what = f"expected one character, got {quoted(delimiter)}"
        help = 'a tab is written "\\t", in double quotes; leave it out to have it detected'
        raise DataError(Problem(what, path="data.delimiter", help=help))


def rows_of(path: Path, file: IO[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Lines and their cells. Blank lines are let pass at the end only; no row may run over lines."""
    reader = csv.reader(_lines(path, file), delimiter=delimiter, strict=True)
    blank, last = 0, 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _unreadable(path, str(error), last + 1, reader.line_num) from None
        if row is None:
            return
        if reader.line_num > last + 1:
            what = f"a quoted value runs on to line {reader.line_num}"
            raise file_error(path, what, 'close the quote: a " may be missing', line=last + 1)
        last = reader.line_num
        if not row:
            blank = blank or last
            if last - blank > MOST_BLANK_LINES:
                raise file_error(
                    path, f"is blank, with {MOST_BLANK_LINES:,} blank lines after it", "remove them", blank
                )
        elif blank:
            raise file_error(path, "is blank, with rows after it", "remove the line", line=blank)
        else:
            yield last, row


def _lines(path: Path, file: IO[str]) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise file_error(path, f"is longer than {LONGEST_LINE:,} characters", "is this a CSV file?", line=number)
        yield line


def _unreadable(path: Path, message: str, first: int, last: int) -> DataError:
    if message.startswith("field larger"):
        what = f"holds a value of more than {csv.field_size_limit():,} characters"
        return file_error(path, what, 'a quote (") may not be closed, or this is not a CSV file', line=first)
    if message.startswith("unexpected end"):
        what = "a quote is not closed" + (f" before the file ends in line {last:,}" if last > first else "")
        return file_error(path, what, 'put the missing " at the end of the value', line=first)
    return file_error(path, f"cannot be read as CSV: {message}", 'a " inside a value is written ""', line=first)
