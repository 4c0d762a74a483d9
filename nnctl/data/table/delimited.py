"""Tables in text: a line of column names, then a row a line. Commas, semicolons, tabs or bars; plain or gzipped."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np

from nnctl.data.files import file_error
from nnctl.data.table.cells import RowProblem
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.columns import TableBuilder
from nnctl.data.table.header import checked_names
from nnctl.data.table.lines import delimiter_of, require_delimiter, rows_of, text_of
from nnctl.data.table.table import Table

FIRST_ROWS = 1 << 16  # in the first block, which kinds are inferred from
BLOCK_ROWS = 1 << 10  # in the others: few enough that their cells are still in the processor's cache when converted
BLOCK_CELLS = 1 << 21  # bounds the memory that a block of many columns takes as text

Row = tuple[int, list[str]]  # its line, and its cells


def header_of(path: Path, *, delimiter: str | None = None, encoding: str | None = None) -> tuple[str, ...]:
    """The names of the columns, in their order. Raises DataError."""
    with _opened(path, delimiter, encoding) as (names, _):
        return names


def read_delimited(
    path: Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    hints: Mapping[str, ColumnHint] | None = None,
    wanted: Container[str] | None = None,
) -> Table:
    """The whole table, its columns in the order of the file.

    delimiter, encoding: detected where unset. hints: by column name; a kind without a hint is inferred from the first
    65,536 rows. wanted: the columns to read, None for all; cells of the others are not looked at.
    Raises DataError, for up to ten rows at once.
    """
    with _opened(path, delimiter, encoding) as (names, rows):
        table = TableBuilder(path, names, hints or {}, wanted)
        for block in _blocks(path, rows, len(names), FIRST_ROWS):
            _add(table, len(names), block)
        return table.take()


def delimited_blocks(
    path: Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    hints: Mapping[str, ColumnHint] | None = None,
    wanted: Container[str] | None = None,
    rows: int = FIRST_ROWS,
) -> Iterator[Table]:
    """As read_delimited, in tables of at most `rows` rows, each with its own labels: a file may be larger than memory.

    Kinds without a hint are inferred from the first block alone.
    """
    with _opened(path, delimiter, encoding) as (names, lines):
        table = TableBuilder(path, names, hints or {}, wanted)
        for block in _blocks(path, lines, len(names), rows):
            if len(table) and len(table) + len(block) > rows:
                yield table.take()
            _add(table, len(names), block)
        yield table.take()


@contextmanager
def _opened(path: Path, delimiter: str | None, encoding: str | None) -> Iterator[tuple[tuple[str, ...], Iterator[Row]]]:
    """The names of the columns and the rows after them."""
    if delimiter is not None:
        require_delimiter(delimiter)
    with text_of(path, encoding) as file:
        rows = rows_of(path, file, delimiter or delimiter_of(path, file))
        _, header = next(rows, (1, []))
        yield checked_names(path, header, line=1), rows


def _blocks(path: Path, rows: Iterator[Row], columns: int, first: int) -> Iterator[list[Row]]:
    """At most `first` rows, then blocks that are no larger."""
    most = max(1, BLOCK_CELLS // columns)
    block = list(islice(rows, min(first, most)))
    if not block:
        raise file_error(path, "has a header and no rows", "give at least one sample")
    while block:
        yield block
        block = list(islice(rows, min(first, most, BLOCK_ROWS)))


def _add(table: TableBuilder, columns: int, block: list[Row]) -> None:
    """Turn a block of rows into columns."""
    lines = np.array([line for line, _ in block], np.int64)
    rows = [row for _, row in block]
    problems = _square(rows, columns)
    cells = list(zip(*rows, strict=True))
    for position, column in table.columns.items():
        problems += column.add(cells[position])
    table.end_block(lines, problems)


def _square(rows: list[list[str]], columns: int) -> list[RowProblem]:
    """Tell rows that are too short or too long. They become missing cells, so that the others can be looked at too."""
    if set(map(len, rows)) == {columns}:
        return []
    problems = []
    for number, row in enumerate(rows):
        if len(row) != columns:
            what = f"has {len(row):,} values, the header has {columns:,} columns"
            problems.append(RowProblem(number, what, "give each row one value a column"))
            rows[number] = [""] * columns
    return problems
