"""A text file read by compiled code, which is many times as fast, as far as its rows are plain.

Where a chunk of the file has a row that is not, lines.py reads it, to the same table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from math import inf, isfinite

from nnctl.data.table.lines import Row, Rows, TextFile, lines_in
from nnctl.data.table.plain_rows import Batch, PlainRows
from nnctl.text import is_number

CHUNK = 1 << 22  # bytes that are read at once
PARTS = 4  # of a chunk, which threads share
LEAST_SIZE = 1 << 22  # bytes of a file for which loading compiled code is worth its while
NO_DELIMITERS = frozenset(' .+-"')  # they may stand in a number, or are read in another way

Numbers = Mapping[int, frozenset[str]]  # columns by their position, and the words that mean missing in them


def is_possible(file: TextFile, rows: Rows) -> bool:
    """Whether compiled code may read the file, and is faster."""
    mark = rows.delimiter
    plain = len(mark.encode()) == 1 and not mark.isalnum() and mark not in NO_DELIMITERS
    return plain and rows.comment is None and file.encoding.name == "utf-8" and file.size >= LEAST_SIZE


def first_batch(file: TextFile, rows: Rows, numbers: Numbers, texts: set[int], count: int) -> Batch | None:
    """So many rows, or all that are left; None where one is not plain, or a number is not as float() reads it.

    numbers: the columns that are plain numbers if all of their cells are. texts: the others that are wanted.
    """
    done = rows.last
    offset = file.offset_of(done)
    if offset is None:
        return None
    chunk = file.head(offset, count)
    batches = PlainRows(rows, numbers, texts).read(chunk, done + 1, parts=1) if chunk else None
    batch = (
        batches[0]
        if batches and all(_are_plain(batches[0].numbers[at][1].texts, numbers[at]) for at in numbers)
        else None
    )
    if batch is not None:
        offset, done = offset + len(chunk), done + len(batch)
    rows.go_on(file.lines(offset, done), done + 1)
    return batch


def rest(file: TextFile, rows: Rows, numbers: Numbers, texts: set[int], block: int) -> Iterator[Batch | list[Row]]:
    """All rows that are left, in batches, or in blocks of at most so many where they are not plain.

    numbers: the columns that are known to be plain numbers. texts: the others that are wanted.
    """
    last = rows.last
    offset = file.offset_of(last)
    chunks = iter(()) if offset is None else file.chunks(offset, CHUNK)
    plain = PlainRows(rows, numbers, texts)
    for chunk in chunks:
        batches = plain.read(chunk, last + 1, PARTS)
        if batches is None:
            careful = _Chunks(chain([chunk], chunks), last)
            rows.go_on(file.decoded(careful, last), last + 1)
            yield from _blocks(careful.rows(rows), block)
            last = rows.last
        else:
            yield from batches
            last += sum(map(len, batches))
    if offset is None:
        yield from _blocks(rows, block)


def _blocks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    left = iter(rows)
    while block := list(islice(left, size)):
        yield block


class _Chunks:
    """Chunks of a file, and the last line in those that have been taken."""

    def __init__(self, chunks: Iterator[bytes], last: int) -> None:
        self._chunks = chunks
        self._last: float = last

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            lines = lines_in(chunk)
            self._last += inf if lines is None else lines  # after lines that end in another way there is no counting
            yield chunk

    def rows(self, rows: Rows) -> Iterator[Row]:
        """The rows up to the end of a chunk, the first that ends with a row."""
        for row in rows:
            yield row
            if rows.last >= self._last:
                return


def _are_plain(texts: list[str], missing: frozenset[str]) -> bool:
    """Whether each is a number that float() reads, or missing."""
    return all((is_number(text) and isfinite(float(text))) or text.strip().casefold() in missing for text in texts)
