"""Text files that hold tables: opened, unpacked, decoded, and cut into rows of cells."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nnctl.data.files import file_error, require_file
from nnctl.data.table.encoding import START, Encoding
from nnctl.data.table.footer import MOST_BELOW, may_be_footer
from nnctl.data.table.sample import between_blanks
from nnctl.errors import DataError
from nnctl.regular_file import reading

LONGEST_LINE = 1 << 24  # characters
CHUNK = 1 << 20  # bytes
MOST_BLANK_LINES = 1000  # in a row; more are a file that is nothing but them
FEW_CELLS = 4  # of a row: as many are also found in a line of prose
GZIP = b"\x1f\x8b"

Row = tuple[int, list[str]]  # its line, and its cells
Bytes = gzip.GzipFile | io.BufferedReader


class TextFile:
    """The lines of an open file."""

    def __init__(self, path: Path, content: Bytes, file: io.TextIOWrapper, encoding: Encoding) -> None:
        """content: the bytes that file decodes."""
        self.path, self.encoding = path, encoding
        self._content, self._files = content, [file]  # a file that is let go of closes the bytes

    def start(self, characters: int) -> str:
        """The first characters, of which those that are not UTF-8 are not decoded yet."""
        text = self._files[0].read(characters)
        self._files[0].seek(0)
        return text

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return self.path.stat().st_size

    def offset_of(self, lines: int) -> int | None:
        """The bytes of so many lines; None where lines end otherwise than in \\n."""
        offset = 0
        for chunk in self.chunks(0, CHUNK):
            found = lines_in(chunk)
            if found is None:
                return None
            if found >= lines:
                return offset + _size_of(chunk, lines)
            offset, lines = offset + len(chunk), lines - found
        return None

    def head(self, offset: int, lines: int) -> bytes:
        """So many lines from there on, or all that are left."""
        head = []
        for chunk in self.chunks(offset, CHUNK):
            head.append(chunk[: _size_of(chunk, lines)])
            lines -= chunk.count(b"\n")
            if lines <= 0:
                break
        return b"".join(head)

    def chunks(self, offset: int, size: int) -> Iterator[bytes]:
        """The bytes from there on, in pieces of about this size that end with a line."""
        self._content.seek(offset)
        while chunk := self._content.read(size):
            chunk += self._content.readline(LONGEST_LINE)
            yield chunk if chunk.endswith(b"\n") else chunk + b"\n"

    def lines(self, offset: int | None = None, number: int = 0) -> Iterator[str]:
        """Lines with their ends: all of them, or those from this byte on, behind so many others. Raises DataError."""
        if offset is not None:
            name, errors = self.encoding.codec
            self._content.seek(offset)
            self._files.append(io.TextIOWrapper(self._content, name.removesuffix("-sig"), errors, newline=""))
        return self._lines_of(self._files[-1:], number)

    def decoded(self, chunks: Iterable[bytes], number: int) -> Iterator[str]:
        """Lines of such chunks, behind so many others; see `lines`."""
        name, errors = self.encoding.codec
        name = name.removesuffix("-sig")
        return self._lines_of(
            (io.TextIOWrapper(io.BytesIO(chunk), name, errors, newline="") for chunk in chunks), number
        )

    def _lines_of(self, files: Iterable[io.TextIOWrapper], number: int) -> Iterator[str]:
        for file in files:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    what = f"is longer than {LONGEST_LINE:,} characters"
                    raise file_error(self.path, what, "is this a CSV file?", line=number)
                yield line if line.isascii() else self.encoding.line(line, number)


def lines_in(chunk: bytes) -> int | None:
    """How many lines end in some bytes; None where lines end otherwise than in \\n or \\r\\n."""
    if b"\r" in chunk and chunk.count(b"\r") != chunk.count(b"\r\n"):
        return None
    return chunk.count(b"\n")


def _size_of(chunk: bytes, lines: int) -> int:
    """The bytes of so many lines, or of all that there are."""
    ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == 10)
    return int(ends[min(lines, len(ends)) - 1]) + 1 if lines else 0


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
                        yield TextFile(path, content, file, found)
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
    """The rows of cells in lines, without those that are blank, comments, the header over again, or text below them.

    Rows may run over lines in quotes.
    """

    def __init__(self, path: Path, lines: Iterator[str], delimiter: str, first: int, comment: str | None) -> None:
        """first: the number of the first of these lines. comment: what lines that are none begin with."""
        self.path, self.delimiter = path, delimiter
        self.header: list[str] | None = None  # once it is known
        self.width = 0  # of a row, once it is known
        self.blank = self.comments = self.repeated = 0  # lines and rows that were left out
        self.begins_with_number = False  # whether the first cell of a row is one
        self.footer: list[str] = []  # the texts below the rows, once all are read
        self.last = 0  # line that was read
        self.comment = comment
        self.go_on(lines, first)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def go_on(self, lines: Iterator[str], first: int) -> None:
        """Go on with other lines. first: the number of the first of them."""
        if self.delimiter == " ":
            lines = map(between_blanks, lines)
        if self.comment is not None:
            lines = map(self._without_comment, lines)
        self.last = first - 1
        self._reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True, strict=True)
        self._rows = self._cut(first - 1)

    def _cut(self, before: int) -> Iterator[Row]:
        """before: how many lines there are before these."""
        reader = self._reader
        blank = last = comments = 0
        held: list[tuple[int, int, int, list[str]]] = []  # lines, blank ones above them, cells: if no row follows, text
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise self._unreadable(str(error), last + 1 + before, reader.line_num + before) from None
            if row is None:
                self.footer = [cells[0].strip() for *_, cells in held]
                return
            first, last = last + 1, reader.line_num
            self.last = last + before
            if not row:
                blank += 1
                if blank - (self.comments - comments) > MOST_BLANK_LINES:
                    what = f"is blank, with {MOST_BLANK_LINES:,} blank lines after it"
                    raise file_error(self.path, what, "remove them", last - MOST_BLANK_LINES + before)
                continue
            ready = [(first + before, last + before, blank - (self.comments - comments), row)]
            blank, comments = 0, self.comments
            if held or len(row) != self.width or not row[-1]:  # as hardly any row is
                held += ready
                is_apart = self.begins_with_number or len(held) > 1 or held[0][2] > 0
                if len(held) <= MOST_BELOW and may_be_footer(row, self.width, is_apart):
                    continue
                ready, held = held, []
            for begin, end, above, cells in ready:
                self.last = end
                if end > begin:
                    self._require_one_row(cells, begin, end)
                self.blank += above
                if cells == self.header:
                    self.repeated += 1
                else:
                    yield begin, cells

    def _without_comment(self, line: str) -> str:
        """A comment becomes a blank line, so that lines keep their numbers."""
        if not line.startswith(self.comment or ""):
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
        rows = [len(row) == self.width for row in csv.reader(inner, delimiter=self.delimiter, skipinitialspace=True)]
        return any(rows) if self.width > FEW_CELLS else bool(rows) and all(rows)

    def _unreadable(self, message: str, first: int, last: int) -> DataError:
        if message.startswith("field larger"):
            what = f"holds a value of more than {csv.field_size_limit():,} characters"
            help = 'a quote (") may not be closed, or this is not a CSV file; longer texts are read from .parquet files'
            return file_error(self.path, what, help, line=first)
        if message.startswith("unexpected end"):
            what = "a quote is not closed" + (f" before the file ends in line {last:,}" if last > first else "")
            return file_error(self.path, what, 'put the missing " at the end of the value', line=first)
        goes_on = "a value goes on after its closing quote"
        what = f"cannot be read as CSV: {goes_on if 'expected after' in message else message}"
        return file_error(self.path, what, 'a " inside a value is written ""', line=first)
