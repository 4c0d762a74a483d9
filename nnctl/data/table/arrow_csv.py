"""The rows of large plain text files by pyarrow, where it is installed: several times as fast as Python's csv.

It reads what both understand alike, and gives up on anything else: rows of other lengths, numbers that float() reads
and pyarrow does not, values over several lines, blank lines, quotes in odd places. The careful reader then begins
again, and tells what is wrong and where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nnctl.data.table.missing_words import MissingWords
from nnctl.data.table.table import Array

LEAST_BYTES = 1 << 23  # of a file: smaller ones are read in a moment, in which pyarrow would be loaded
BLOCK = 1 << 22  # bytes
GZIP = b"\x1f\x8b"


class UnusualTextError(Exception):
    """The file has something that the two readers may not read alike."""


class Coded(NamedTuple):
    """The cells texts[code]."""

    texts: list[str]
    codes: Array


class Batch(NamedTuple):
    """Some rows in their order. columns: by position, (n,) float64, NaN where missing, or texts."""

    lines: Array
    columns: dict[int, Array | Coded]


def is_for(path: Path) -> bool:
    """Whether a file is large and not packed, and pyarrow is installed."""
    if path.stat().st_size < LEAST_BYTES or find_spec("pyarrow") is None:
        return False
    with path.open("rb") as file:
        return file.read(2) != GZIP


def batches(
    path: Path, done: int, delimiter: str, width: int, columns: Mapping[int, MissingWords | None]
) -> Iterator[Batch]:
    """The rows behind the first `done` lines. width: cells of a row.

    columns: the positions that are wanted, with the words that mean missing where they are numbers as float() reads
    them; None where they are texts. Raises UnusualTextError, at once or later.
    """
    import pyarrow
    from pyarrow import csv

    lines, start = _scan(path, delimiter, done)
    words = next((words for words in columns.values() if words is not None), None)
    if words is None:
        raise UnusualTextError("without a number a header that is repeated would be a row")
    if lines == done:
        return
    text = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    types = {
        str(position): text if own is None or own.words != words.words else pyarrow.float64()
        for position, own in columns.items()
    }
    options = {
        "read_options": csv.ReadOptions(column_names=[str(position) for position in range(width)], block_size=BLOCK),
        "parse_options": csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
        "convert_options": csv.ConvertOptions(
            column_types=types, include_columns=list(types), null_values=_spellings(words)
        ),
    }
    with path.open("rb") as file:
        file.seek(start)
        try:
            for batch in csv.open_csv(file, **options):
                numbers = np.arange(done + 1, done + 1 + batch.num_rows)
                yield Batch(numbers, {int(name): _cells(batch.column(name), words) for name in types})
                done += batch.num_rows
        except (pyarrow.ArrowException, UnicodeDecodeError) as error:
            raise UnusualTextError(str(error)) from None
    if done != lines:
        raise UnusualTextError("a value runs over several lines")


def _cells(column: Any, words: MissingWords) -> Array | Coded:
    """words: that mean missing, if it is a column of numbers."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        return Coded(column.dictionary.to_pylist(), column.indices.to_numpy())
    values: Array = column.to_numpy(zero_copy_only=False)
    if not np.isfinite(values[column.is_valid().to_numpy(zero_copy_only=False)]).all():
        raise UnusualTextError("a number is not finite")
    if words.numbers:
        values = np.where(np.isin(values, list(words.numbers)), np.nan, values)
    return values


def _spellings(words: MissingWords) -> list[str]:
    """The words that mean missing in their usual cases; another case is unusual."""
    cases = (str, str.upper, str.capitalize, str.title)
    return sorted({case(word) for word in words.words for case in cases} | ({"NaN"} if "nan" in words.words else set()))


def _scan(path: Path, delimiter: str, done: int) -> tuple[int, int]:
    """How many lines a file has, and where the one behind the first `done` begins, in bytes.

    Raises UnusualTextError for line ends of several kinds, and for quotes that do not stand around values.
    """
    odd = rb'[^,\r\n"]"[^,\r\n"]|(?:^|[,\r\n])""[^,\r\n"]'
    odd_quote = re.compile(odd.replace(b",", re.escape(delimiter.encode())), re.MULTILINE)
    lines, start, position, last = 0, 0, 0, b""
    with path.open("rb") as file:
        while content := file.read(BLOCK):
            whole = last + content  # what stands at the border of two blocks is looked at together
            if b"\0" in content:
                raise UnusualTextError("a zero")
            if b"\n\n" in whole or b"\n\r" in whole:
                raise UnusualTextError("a blank line")
            if b"\r" in whole and whole.count(b"\r") != whole.count(b"\r\n") + whole.endswith(b"\r"):
                raise UnusualTextError("a carriage return alone")
            if b'"' in content and odd_quote.search(whole):
                raise UnusualTextError("a quote inside a value")
            found = content.count(b"\n")
            if lines < done <= lines + found:
                start = position + _end_of_line(content, done - lines)
            lines, position, last = lines + found, position + len(content), whole[-3:]
    return lines + (bool(last) and not last.endswith(b"\n")), start


def _end_of_line(content: bytes, lines: int) -> int:
    """Where so many lines end."""
    end = 0
    for _ in range(lines):
        end = content.index(b"\n", end) + 1
    return end
