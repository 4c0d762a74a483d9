"""Rows of a text file that are as they should be, read by pyarrow where it is installed; it is several times as fast.

It takes what it surely reads as lines.py and cells.py would. Where anything is unusual it stops, and they go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from nnctl.data.table.columns import ColumnBuilder
from nnctl.data.table.lines import Rows, TextFile
from nnctl.data.table.table import Array

CHUNK = 1 << 23  # bytes that are looked at at once
BLOCK = 1 << 20  # bytes that pyarrow converts at once
LEAST_SIZE = 1 << 22  # bytes of a file for which importing pyarrow is worth its while
FEW_COLUMNS = 256  # more need a larger file: reading a column takes a while, however few its rows
LONGEST_CELL = 1 << 17  # bytes; the limit of Python's csv, in characters


@dataclass(frozen=True)
class Batch:
    """Rows as they come from pyarrow."""

    columns: Mapping[int, Any]
    """By their position in the file: float64, null where missing, or texts in a dictionary."""
    lines: Array
    """(n,), of the rows."""
    is_part: bool = False
    """Whether its dictionaries may hold texts that none of its rows has."""

    def __len__(self) -> int:
        return len(self.lines)

    def parts(self, rows: int) -> Iterator[Batch]:
        """In batches of at most so many rows."""
        if len(self) <= rows:
            yield self
            return
        for start in range(0, len(self), rows):
            columns = {position: column.slice(start, rows) for position, column in self.columns.items()}
            yield Batch(columns, self.lines[start : start + rows], is_part=True)

    def add_to(self, column: ColumnBuilder, position: int) -> None:
        """Put the cells of a column into it."""
        cells = self.columns[position]
        if not hasattr(cells, "indices"):
            column.settle_as_numbers()
            column.add_values(cells.to_numpy(zero_copy_only=False))
            return
        texts, places = cells.dictionary.to_pylist(), cells.indices.to_numpy()
        if self.is_part:
            used, first, places = np.unique(places, return_index=True, return_inverse=True)
            order = np.argsort(first)
            texts, places = [texts[place] for place in used[order]], np.argsort(order)[places]
        column.add_encoded(texts, places, self.lines)


def is_possible(file: TextFile, rows: Rows) -> bool:
    """Whether pyarrow is there, and the file such that it is faster."""
    plain = file.encoding.name == "utf-8" and len(rows.delimiter.encode()) == 1 and rows.delimiter not in " \\"
    large = file.size * FEW_COLUMNS >= LEAST_SIZE * max(FEW_COLUMNS, rows.width)
    return plain and rows.comment is None and large and find_spec("pyarrow") is not None


def batches(file: TextFile, rows: Rows, numbers: Mapping[int, frozenset[str]], texts: set[int]) -> Iterator[Batch]:
    """The rows that are left, as far as there is nothing unusual in them; the others stay in `rows`.

    numbers: the columns of plain numbers that are wanted, and the words that mean missing in them. texts: the others.
    """
    done = rows.last
    offset = file.offset_of(done)
    if offset is None:
        return
    convert = _Converter(rows, numbers, texts)
    for chunk in file.chunks(offset, CHUNK):
        read = convert.read(chunk, done + 1)
        if read is None:
            break
        yield from read
        done += sum(map(len, read))
        offset += len(chunk)
    rows.go_on(file.lines(offset, done), done + 1)


def first_batch(
    file: TextFile, rows: Rows, numbers: Mapping[int, frozenset[str]], texts: set[int], count: int
) -> Batch | None:
    """So many rows, or all there are if they are fewer; None where anything in them is unusual. See `batches`."""
    offset = file.offset_of(rows.last)
    if offset is None:
        return None
    import pyarrow

    convert = _Converter(rows, numbers, texts)
    tables: list[Any] = []
    done = 0
    for chunk in file.chunks(offset, CHUNK):
        table = convert.table(chunk)
        if table is None:
            tables, done = [], 0
            break
        tables.append(table)
        done += table.num_rows
        if done >= count:
            break
    before, taken = rows.last, min(done, count)
    rows.go_on(file.lines(file.offset_of(before + taken), before + taken), before + taken + 1)
    if not taken:
        return None
    whole = pyarrow.concat_tables(tables).slice(0, count).unify_dictionaries().combine_chunks()
    columns = {position: whole.column(str(position)).chunk(0) for position in (*numbers, *texts)}
    return Batch(columns, np.arange(before + 1, before + taken + 1), is_part=True)


class _Converter:
    """What is the same for all chunks of a file."""

    def __init__(self, rows: Rows, numbers: Mapping[int, frozenset[str]], texts: set[int]) -> None:
        import pyarrow
        from pyarrow import csv

        self._names = [str(position) for position in range(rows.width)]
        self._numbers, self._texts = numbers, texts
        self._header = {position: cell for position, cell in enumerate(rows.header or ()) if position in texts}
        types = {str(position): pyarrow.float64() for position in numbers}
        types |= {str(position): pyarrow.dictionary(pyarrow.int32(), pyarrow.string()) for position in texts}
        words = frozenset.intersection(*numbers.values()) if numbers else frozenset()
        written = {spelled for word in words for spelled in (word, word.upper(), word.title())}
        self._options = {
            "read_options": csv.ReadOptions(column_names=self._names, block_size=BLOCK),
            "parse_options": csv.ParseOptions(delimiter=rows.delimiter, ignore_empty_lines=False),
            "convert_options": csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=sorted(written | ({"NaN"} if "nan" in words else set())),
                strings_can_be_null=False,
            ),
        }
        mark = re.escape(rows.delimiter)
        self._quoted = re.compile(rf'(?<![^{mark}\n])"[^"\n]*"(?![^{mark}\r\n])'.encode())

    def read(self, chunk: bytes, first: int) -> list[Batch] | None:
        """The rows of some lines, of which this is the first; None where anything is unusual."""
        table = self.table(chunk)
        if table is None:
            return None
        found = []
        for batch in table.to_batches():
            columns = {position: batch.column(str(position)) for position in (*self._numbers, *self._texts)}
            found.append(Batch(columns, np.arange(first, first + batch.num_rows)))
            first += batch.num_rows
        return found

    def table(self, chunk: bytes) -> Any:
        """A pyarrow.Table of some lines; None where anything is unusual."""
        import pyarrow
        from pyarrow import csv

        lines = self._lines_of(chunk)
        if lines is None:
            return None
        try:
            table = csv.read_csv(pyarrow.BufferReader(chunk), **self._options)
        except pyarrow.ArrowException:
            return None
        if table.num_rows != lines or self._has_header(table) or not self._is_finite(table):
            return None
        return table

    def _lines_of(self, chunk: bytes) -> int | None:
        """How many lines there are; None where there may be other rows than these."""
        ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == 10)
        if not len(ends) or 0 in chunk or not _is_utf_8(chunk):
            return None
        if chunk[:1] in b"\r\n" or b"\n\n" in chunk:
            return None
        if b"\r" in chunk and (b"\n\r" in chunk or chunk.count(b"\r") != chunk.count(b"\r\n")):
            return None
        if max(int(ends[0]), int(np.diff(ends).max(initial=0))) >= LONGEST_CELL:
            return None
        quotes = chunk.count(b'"')
        if quotes and quotes != 2 * len(self._quoted.findall(chunk)):
            return None
        return len(ends)

    def _has_header(self, table: Any) -> bool:
        """Whether a row may be the header again. Among numbers it would not have been read."""
        if self._numbers or not self._header:
            return False
        position, cell = next(iter(self._header.items()))
        return any(cell in part.dictionary.to_pylist() for part in table.column(str(position)).chunks)

    def _is_finite(self, table: Any) -> bool:
        columns = [table.column(str(position)) for position in self._numbers]
        return all(
            np.count_nonzero(np.isfinite(part.to_numpy(zero_copy_only=False))) == len(part) - part.null_count
            for column in columns
            for part in column.chunks
        )


def _is_utf_8(chunk: bytes) -> bool:
    if chunk.isascii():
        return True
    try:
        chunk.decode()
    except UnicodeDecodeError:
        return False
    return True
