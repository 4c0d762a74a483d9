"""Tables in text: a line of column names, then a row a line. Commas, semicolons, tabs or bars; plain or gzipped."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from nnctl.data.files import file_error
from nnctl.data.table import fast_rows
from nnctl.data.table.cells import RowProblem
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.dialect import SAMPLE, Dialect, TextFormat, dialect_of
from nnctl.data.table.header import checked_names, note_on_numbers
from nnctl.data.table.lenient import Hints, read_with
from nnctl.data.table.lines import Row, Rows, TextFile, text_of
from nnctl.data.table.plain_rows import Batch
from nnctl.data.table.sample import sample_rows
from nnctl.data.table.table import Table
from nnctl.data.table.table_builder import TableBuilder
from nnctl.text import counted, listed, quoted

FIRST_ROWS = 1 << 16  # in the first block, which kinds are inferred from
BLOCK_ROWS = 1 << 10  # in the others: few enough that their cells are still in the processor's cache when converted
BLOCK_CELLS = 1 << 21  # bounds the memory that a block of many columns takes as text
MOST_SAMPLED = 1 << 8  # lines that tell which columns may be numbers
LEAST_LINES = 16  # in a sample, which is longer where lines are


@dataclass
class _Opened:
    """A file whose header was read."""

    path: Path
    file: TextFile
    dialect: Dialect
    names: tuple[str | None, ...]
    """One a cell of a row, None where it is of no column."""
    rows: Rows
    sample: list[list[str]]
    """The first rows, and perhaps some that are none."""

    def notes(self) -> list[str]:
        """On the file as far as it was read."""
        rows, notes = self.rows, [*self.file.encoding.notes(), *self.dialect.notes]
        if self.names[0] is None:
            notes.append("column 1 has no name: it is taken for an index, and ignored")
        if blank := [str(number) for number, name in enumerate(self.names, 1) if name is None and number > 1]:
            columns, have, are = ("column", "has", "is") if len(blank) == 1 else ("columns", "have", "are")
            notes.append(f"{columns} {listed(blank)} {have} no name, and no value in the first rows, and {are} ignored")
        for count, what in (
            (rows.blank, "blank"),
            (rows.comments, "a comment" if rows.comments == 1 else "comments"),
            (rows.repeated, "the header again"),
        ):
            if count:
                notes.append(f"{'a line is' if count == 1 else f'{count:,} lines are'} {what}, and skipped")
        return notes


def header_of(path: Path, text: TextFormat | None = None) -> tuple[str, ...]:
    """The names of the columns, in their order. Raises DataError."""
    with _opened(path, text) as opened:
        return tuple(name for name in opened.names if name is not None)


def read_delimited(
    path: Path,
    text: TextFormat | None = None,
    *,
    hints: Hints | None = None,
    wanted: Container[str] | None = None,
    lenient: bool = False,
) -> Table:
    """The whole table, its columns in the order of the file.

    hints: by column name; what they leave open is inferred from the first 65,536 rows. wanted: the columns to read,
    None for all; cells of the others are not looked at. lenient: a column whose cells do not fit its inferred kind
    becomes a category. Raises DataError, for up to ten rows at once.
    """
    return read_with(lambda hints: _read(path, text, hints, wanted), hints or {}, lenient=lenient)


def delimited_blocks(
    path: Path,
    text: TextFormat | None = None,
    *,
    hints: Hints | None = None,
    wanted: Container[str] | None = None,
    rows: int = FIRST_ROWS,
) -> Iterator[Table]:
    """As read_delimited, in tables of at most `rows` rows, each with its own labels: a file may be larger than memory.

    What hints leave open is inferred from the first block alone. Notes on the file come with the last block; cells that
    do not fit are counted by the columns and not noted.
    """
    with _opened(path, text) as opened:
        table = _builder(opened, text, hints or {}, wanted)
        for block in _blocks(opened, table, rows):
            if len(table) and len(table) + len(block) > rows:
                yield table.take(tells_odd=False)
            _add(table, opened, block)
        yield table.take(opened.notes(), tells_odd=False)


def _read(path: Path, text: TextFormat | None, hints: Hints, wanted: Container[str] | None) -> Table:
    with _opened(path, text) as opened:
        table = _builder(opened, text, hints, wanted)
        for block in _blocks(opened, table, FIRST_ROWS):
            _add(table, opened, block)
        unknown = [name for name in opened.names if name is not None and name not in hints]
        return table.take(filter(None, (*opened.notes(), note_on_numbers(unknown))))


def _builder(opened: _Opened, text: TextFormat | None, hints: Hints, wanted: Container[str] | None) -> TableBuilder:
    if text is not None and text.decimal is not None:
        known = {name: hints.get(name, ColumnHint()) for name in opened.names if name is not None}
        hints = {name: hint if hint.decimal else replace(hint, decimal=text.decimal) for name, hint in known.items()}
    return TableBuilder(opened.path, opened.names, hints, wanted)


@contextmanager
def _opened(path: Path, text: TextFormat | None) -> Iterator[_Opened]:
    text = text or TextFormat()
    with text_of(path, text.encoding) as file:
        start = file.start(SAMPLE)
        if len(start) == SAMPLE and start.count("\n") + start.count("\r") < LEAST_LINES:
            start = file.start(SAMPLE * LEAST_LINES)
        dialect = dialect_of(path, start, text)
        lines = file.lines()
        for _ in islice(lines, dialect.skip):
            pass
        rows = Rows(path, lines, dialect.delimiter, dialect.skip + 1, text.comment)
        line, header = next(iter(rows), (dialect.skip + 1, []))
        names = _names(path, header, line, dialect)
        rows.header, rows.width = header, len(names)
        if dialect.has_units:
            next(iter(rows))
        above = dialect.skip + 1 + dialect.has_units
        sample = [
            row.cells for row in sample_rows(start.splitlines(keepends=True)[:MOST_SAMPLED], above, rows.delimiter)
        ]
        yield _Opened(path, file, dialect, names, rows, sample)


def _names(path: Path, header: Sequence[str], line: int, dialect: Dialect) -> tuple[str | None, ...]:
    cells = list(header)
    if dialect.marked:
        cells[0] = cells[0].removeprefix("#").strip()
        cells = cells if cells[0] or dialect.delimiter != " " else cells[1:]
    if dialect.trailing and not cells[-1].strip():
        cells.pop()
    nameless = dialect.blank if dialect.unnamed_index else dialect.blank | {0}
    names = (name or None for name in checked_names(path, cells, line, nameless))
    return (None, *names) if dialect.unnamed_index else tuple(names)


def _blocks(opened: _Opened, table: TableBuilder, first: int) -> Iterator[list[Row] | Batch]:
    """At most `first` rows, then blocks that are no larger. Each is put into the table before the next is read."""
    most = max(1, BLOCK_CELLS // len(opened.names))
    size, others = min(first, most), min(first, most, BLOCK_ROWS)
    is_fast = table.columns and not opened.dialect.trailing and fast_rows.is_possible(opened.file, opened.rows)
    found = False
    if is_fast and not table.is_settled and (batch := _first_batch(opened, table, size)):
        found, size = True, others
        yield batch
    while not (is_fast and table.is_settled) and (block := list(islice(opened.rows, size))):
        found, size = True, others
        yield block
    if is_fast and table.is_settled:
        numbers = {position: column.missing_words for position, column in table.columns.items() if column.is_plain}
        for rest in fast_rows.rest(opened.file, opened.rows, numbers, set(table.columns) - set(numbers), others):
            for part in rest.parts(first) if isinstance(rest, Batch) else (rest,):
                found = True
                yield part
    if not found:
        raise file_error(opened.path, "has a header and no rows", "give at least one sample")


def _first_batch(opened: _Opened, table: TableBuilder, count: int) -> Batch | None:
    """The first block, where it is such as a sample of it."""
    sample = [row for row in opened.sample[:count] if len(row) == len(opened.names)]
    if not sample:
        return None
    numbers = {
        position: column.missing_words
        for position, column in table.columns.items()
        if column.is_surely_plain([row[position] for row in sample])
    }
    return fast_rows.first_batch(opened.file, opened.rows, numbers, set(table.columns) - set(numbers), count)


def _add(table: TableBuilder, opened: _Opened, block: list[Row] | Batch) -> None:
    """Put a block of rows into the columns."""
    if isinstance(block, Batch):
        for position, column in table.columns.items():
            block.add_to(column, position)
        table.end_block(block.lines, [])
        return
    lines = np.array([line for line, _ in block], np.int64)
    rows = [row for _, row in block]
    problems = _square(rows, len(opened.names), opened.dialect.trailing)
    cells = list(zip(*rows, strict=True))
    for position, column in table.columns.items():
        column.add(cells[position], lines)
    table.end_block(lines, problems)


def _square(rows: list[list[str]], columns: int, trailing: bool) -> list[RowProblem]:
    """Tell rows that are too short or too long. They become missing cells, so that the others can be looked at too.

    trailing: whether a row may have an empty cell more.
    """
    if set(map(len, rows)) == {columns}:
        return []
    if len(rows) > 1 and len(set(map(len, rows))) == 1 and not trailing:
        what = f"has {len(rows[0]):,} values, the header has {columns:,} columns; the rows after it are alike"
        help = "is it the header of this table? name each column in it; `skip` leaves out lines above a header"
        rows[:] = [[""] * columns] * len(rows)
        return [RowProblem(0, what, help)]
    problems = []
    for number, row in enumerate(rows):
        if len(row) == columns:
            continue
        if trailing and len(row) == columns + 1 and not row[-1].strip():
            rows[number] = row[:-1]
            continue
        what = f"has {counted(len(row), 'value')}, the header has {counted(columns, 'column')}"
        problems.append(RowProblem(number, what, _remedy(row, columns, trailing)))
        rows[number] = [""] * columns
    return problems


def _remedy(row: list[str], columns: int, trailing: bool) -> str:
    if trailing and len(row) == columns + 1:
        return f"give column {columns + 1} a name, or remove {quoted(row[-1])}"
    if row[0].lstrip().startswith("#"):
        return 'if this is a comment, set `comment: "#"`'
    return "give each row one value a column"
