"""Text files that hold tables: opened, unpacked, decoded, and cut into rows of cells."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnctl.data.files import file_error, require_file
from nnctl.data.table.encoding import START, Encoding
from nnctl.errors import DataError
from nnctl.regular_file import reading
from nnctl.text import quoted

LONGEST_LINE = 1 << 24  # characters
MOST_BLANK_LINES = 1000  # in a row; more are a file that is nothing but them
FEW_CELLS = 4  # of a row: as many are also found in a line of prose
GZIP = b"\x1f\x8b"

Row = tuple[int, list[str]]  # its line, and its cells
Bytes = gzip.GzipFile | io.BufferedReader


class TextFile:
    """The lines of an open file."""

    def __init__(self, path: Path, file: io.TextIOWrapper, encoding: Encoding) -> None:
        self.path, self.encoding = path, encoding
        self._file = file

    def start(self, characters: int) -> str:
        """The first characters, of which those that are not UTF-8 are not decoded yet."""
        text = self._file.read(characters)
        self._file.seek(0)
        return text

    def lines(self) -> Iterator[str]:
        """All lines with their ends. Raises DataError."""
        number = 0
        while line := self._file.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                what = f"is longer than {LONGEST_LINE:,} characters"
                raise file_error(self.path, what, "is this a CSV file?", line=number)
            yield line if line.isascii() else self.encoding.line(line, number)


@contextmanager
def text_of(path: Path, encoding: str | None) -> Iterator[TextFile]:
    """The text of a file, unpacked where it is gzipped. Every failure while it is read is a DataError."""
    require_file(path)
    with reading(path, DataError), path.open("rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        try:
            with gzip.GzipFile(fileobj=raw) if packed else raw as content:
                found = Encoding(path, encoding, content.read(START))
                content.seek(0)
                name, errors = found.codec
                with io.TextIOWrapper(content, name, errors, newline="") as file:
                    try:
                        yield TextFile(path, file, found)
                    except UnicodeError as error:
                        raise found.undecodable(_place(content, error)) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise file_error(path, f"is truncated or damaged ({error})", "fetch the file again") from None


def _place(content: Bytes, error: UnicodeError) -> str:
    """error.start counts from the start of a chunk of bytes, and content has been read up to its end."""
    if not isinstance(error, UnicodeDecodeError):
        return ""
    return f" (byte {content.tell() - len(error.object) + error.start:,})"


class Rows:
    """The rows of cells in lines, without those that are blank, comments, or the header over again.

    Rows may run over lines in quotes.
    """

    def __init__(self, path: Path, lines: Iterator[str], delimiter: str, first: int, comment: str | None) -> None:
        """first: the number of the first of these lines. comment: what lines that are none begin with."""
        self.path, self.delimiter = path, delimiter
        self.header: list[str] | None = None  # once it is known
        self.width = 0  # of a row, once it is known
        self.blank = self.comments = self.repeated = 0  # lines and rows that were left out
        self._first, self._comment = first, comment
        if delimiter == " ":
            lines = (line.strip(" \r\n") + "\n" for line in lines)
        if comment is not None:
            lines = map(self._without_comment, lines)
        self._rows = self._cut()
        self._reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter == " ", strict=True)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def _cut(self) -> Iterator[Row]:
        reader, before = self._reader, self._first - 1
        blank = last = comments = 0
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise self._unreadable(str(error), last + 1 + before, reader.line_num + before) from None
            if row is None:
                return
            first, last = last + 1, reader.line_num
            if not row:
                blank += 1
                if blank - (self.comments - comments) > MOST_BLANK_LINES:
                    what = f"is blank, with {MOST_BLANK_LINES:,} blank lines after it"
                    raise file_error(self.path, what, "remove them", last - MOST_BLANK_LINES + before)
                continue
            if last > first:
                self._require_one_row(row, first + before, last + before)
            self.blank += blank - (self.comments - comments)
            blank, comments = 0, self.comments
            if row == self.header:
                self.repeated += 1
            else:
                yield first + before, row

    def _without_comment(self, line: str) -> str:
        """A comment becomes a blank line, so that lines keep their numbers."""
        if not line.startswith(self._comment or ""):
            return line
        self.comments += 1
        return "\n"

    def _require_one_row(self, row: list[str], first: int, last: int) -> None:
        """Refuse a row over several lines in which a quote that is not closed may have hidden others."""
        help = 'close the quote: a " may be missing'
        if self.width and len(row) != self.width:
            what = f"has {len(row):,} values, one over lines up to {last}; the header has {self.width:,} columns"
            raise file_error(self.path, what, help, line=first)
        if self.width > 1 and any(self._hides_rows(cell) for cell in row if "\n" in cell or "\r" in cell):
            what = f"a quoted value runs on to line {last}, over lines that look like rows"
            raise file_error(self.path, what, help, line=first)

    def _hides_rows(self, cell: str) -> bool:
        inner = cell.splitlines()[1:-1]
        rows = [len(row) == self.width for row in csv.reader(inner, delimiter=self.delimiter)]
        return any(rows) if self.width > FEW_CELLS else bool(rows) and all(rows)

    def _unreadable(self, message: str, first: int, last: int) -> DataError:
        if message.startswith("field larger"):
            what = f"holds a value of more than {csv.field_size_limit():,} characters"
            return file_error(self.path, what, 'a quote (") may not be closed, or this is not a CSV file', line=first)
        if message.startswith("unexpected end"):
            what = "a quote is not closed" + (f" before the file ends in line {last:,}" if last > first else "")
            return file_error(self.path, what, 'put the missing " at the end of the value', line=first)
        what = f"cannot be read as CSV: {quoted(message, most=100)[1:-1]}"
        return file_error(self.path, what, 'a " inside a value is written ""', line=first)
