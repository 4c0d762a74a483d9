"""Rows of text that are read by compiled code: where each is a line, with as many cells as there are columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnctl.data.table.columns import ColumnBuilder
from nnctl.data.table.lines import Rows
from nnctl.data.table.table import Array


class Unread(NamedTuple):
    """Cells among numbers that are no plain numbers, or too long ones."""

    rows: Array
    texts: list[str]

    def within(self, start: int, stop: int) -> Unread:
        """Those of some rows, which count from the first of them."""
        first, last = np.searchsorted(self.rows, (start, stop))
        return Unread(self.rows[first:last] - start, self.texts[first:last])


@dataclass(frozen=True)
class Batch:
    """Rows as compiled code reads them."""

    numbers: Mapping[int, tuple[Array, Unread]]
    """By their position in the file: (n,) float64, NaN where missing, and the cells that it has not read."""
    texts: Mapping[int, tuple[list[str], Array]]
    """By their position: those that are different, and (n,) positions among them."""
    lines: Array
    """(n,), of the rows."""
    is_part: bool = False
    """Whether there may be texts that none of the rows has."""

    def __len__(self) -> int:
        return len(self.lines)

    def parts(self, rows: int) -> Iterator[Batch]:
        """In batches of at most so many rows."""
        if len(self) <= rows:
            yield self
            return
        for start in range(0, len(self), rows):
            stop = start + rows
            numbers = {
                position: (values[start:stop], unread.within(start, stop))
                for position, (values, unread) in self.numbers.items()
            }
            texts = {position: (texts, places[start:stop]) for position, (texts, places) in self.texts.items()}
            yield Batch(numbers, texts, self.lines[start:stop], is_part=True)

    def add_to(self, column: ColumnBuilder, position: int) -> None:
        """Put the cells of a column into it."""
        if position in self.numbers:
            values, unread = self.numbers[position]
            column.add_partly_read(values, unread.rows, unread.texts, self.lines)
            return
        texts, places = self.texts[position]
        if self.is_part:
            used, first, places = np.unique(places, return_index=True, return_inverse=True)
            order = np.argsort(first)
            texts, places = [texts[place] for place in used[order]], np.argsort(order)[places]
        column.add_encoded(texts, places, self.lines)


class PlainRows:
    """What is the same for all rows of a file."""

    def __init__(self, rows: Rows, numbers: Mapping[int, frozenset[str]], texts: set[int]) -> None:
        """numbers: the columns of plain numbers, and the words that mean missing in them. texts: the others wanted."""
        from nnctl.kernels.text import delimited_rows

        self._kernels = delimited_rows
        self._delimiter = ord(rows.delimiter)
        self._header = rows.header or ()
        self._numbers, self._texts = sorted(numbers), sorted(texts)
        self._columns = np.zeros((rows.width, 2), np.int64)
        for kind, positions in ((delimited_rows.NUMBER, self._numbers), (delimited_rows.TEXT, self._texts)):
            self._columns[positions, 0] = kind
            self._columns[positions, 1] = np.arange(len(positions))
        words = sorted(word.encode() for word in frozenset.intersection(*numbers.values()) if word) if numbers else []
        self._words = np.frombuffer(b"".join(words), np.uint8)
        self._word_ends = np.cumsum([len(word) for word in words], dtype=np.int64)

    def read(self, chunk: bytes, first: int, parts: int) -> list[Batch] | None:
        """The rows of whole lines, of which this is the first; None where one is anything else than plain.

        parts: which threads may share; each becomes a batch.
        """
        if 0 in chunk or not _is_utf_8(chunk):
            return None
        text = np.frombuffer(chunk, np.uint8)
        starts = _starts(chunk, parts)
        counts = np.empty(len(starts) - 1, np.int64)
        self._kernels.count_lines(text, starts, counts)
        rows = np.concatenate([[0], np.cumsum(counts)])
        total, numbers, texts = int(rows[-1]), len(self._numbers), len(self._texts)
        values, codes = np.empty((numbers, total)), np.empty((texts, total), np.int32)
        places, text_counts = np.empty((texts, total, 2), np.int64), np.empty((texts, len(counts)), np.int64)
        table = np.full((texts, len(counts), 1 << int(2 * counts.max()).bit_length()), -1, np.int32)
        unread, unread_counts = np.empty((numbers * total, 4), np.int64), np.empty(len(counts), np.int64)
        self._kernels.read_rows(
            text, starts, rows, self._delimiter, self._columns, self._words, self._word_ends,
            values, codes, places, text_counts, table, unread, unread_counts,
        )  # fmt: skip
        if unread_counts.min() < 0:
            return None
        batches = []
        for part, (start, stop) in enumerate(zip(rows[:-1].tolist(), rows[1:].tolist(), strict=True)):
            own = unread[start * numbers :][: unread_counts[part]]
            found_numbers = {
                position: (values[number, start:stop], _cells(chunk, own[own[:, 0] == number, 1:], start))
                for number, position in enumerate(self._numbers)
            }
            found_texts = {
                position: (
                    _texts(chunk, places[number, start:][: text_counts[number, part]]),
                    codes[number, start:stop],
                )
                for number, position in enumerate(self._texts)
            }
            batches.append(Batch(found_numbers, found_texts, np.arange(first + start, first + stop)))
        return None if any(map(self._may_have_header, batches)) else batches

    def _may_have_header(self, batch: Batch) -> bool:
        """Whether a row may be the header again."""
        for position in (*self._numbers, *self._texts):
            texts = batch.numbers[position][1].texts if position in batch.numbers else batch.texts[position][0]
            if self._header[position] not in texts:
                return False
        return True


def _starts(chunk: bytes, parts: int) -> Array:
    """Where parts of about the same size begin, each with a line, and the last ends."""
    ends = [chunk.find(b"\n", len(chunk) * part // parts) + 1 for part in range(1, parts)]
    return np.array(sorted({0, *ends, len(chunk)}), np.int64)


def _cells(chunk: bytes, cells: Array, first: int) -> Unread:
    """cells: (n, 3), their rows, and where they begin and end. first: the row from which rows are counted."""
    return Unread(cells[:, 0] - first, _texts(chunk, cells[:, 1:]))


def _texts(chunk: bytes, places: Array) -> list[str]:
    return [chunk[begin:end].decode() for begin, end in places.tolist()]


def _is_utf_8(chunk: bytes) -> bool:
    if chunk.isascii():
        return True
    try:
        chunk.decode()
    except UnicodeDecodeError:
        return False
    return True
