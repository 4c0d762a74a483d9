"""Parquet tables, by pyarrow. Columns have types; what text means is inferred, as in a text file."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nnctl.data.files import file_error, require_file
from nnctl.data.table.cells import MOST_PROBLEMS, RowProblem
from nnctl.data.table.columns import ColumnBuilder
from nnctl.data.table.header import checked_names
from nnctl.data.table.lenient import Hints, read_with
from nnctl.data.table.odd_cells import not_finite
from nnctl.data.table.parquet_cells import is_text, kind_of, texts_of, values_of, whole_microseconds
from nnctl.data.table.remedies import excluded
from nnctl.data.table.table import Array, Table
from nnctl.data.table.table_builder import TableBuilder
from nnctl.errors import DataError
from nnctl.regular_file import reading
from nnctl.text import listed, quoted

BLOCK_ROWS = 1 << 16
MOST_METADATA = 1 << 26  # bytes of one text, and entries of one list, in a file's metadata


def parquet_header(path: Path) -> tuple[str, ...]:
    """The names of the columns, in their order. Raises DataError."""
    with _opened(path) as file:
        return checked_names(path, file.schema_arrow.names)


def read_parquet(
    path: Path,
    *,
    hints: Hints | None = None,
    wanted: Container[str] | None = None,
    lenient: bool = False,
) -> Table:
    """The whole table; its lines are the rows' numbers, counted from 1.

    Numbers are numbers, truth values yes_no, dates and times dates, where no hint says otherwise; what text is is
    inferred from the first 65,536 rows. wanted: the columns to read, None for all. lenient: a column of text that does
    not fit its inferred kind becomes a category, and a column that cannot be read is left out. Raises DataError.
    """
    with _opened(path) as file:
        unreadable = [field.name for field in file.schema_arrow if lenient and kind_of(field.type) is None]
    table = read_with(lambda hints: _read(path, hints, wanted, unreadable), hints or {}, lenient=lenient)
    if not unreadable:
        return table
    note = f"columns that hold neither numbers, text nor dates are left out: {listed(unreadable)}"
    return replace(table, notes=(*table.notes, note))


def _read(path: Path, hints: Hints, wanted: Container[str] | None, unreadable: Container[str]) -> Table:
    with _opened(path) as file:
        names = checked_names(path, file.schema_arrow.names)
        table = TableBuilder(path, [None if name in unreadable else name for name in names], hints, wanted)
        for _ in _filled(table, file, BLOCK_ROWS):
            pass
        return table.take()


def parquet_blocks(
    path: Path,
    *,
    hints: Hints | None = None,
    wanted: Container[str] | None = None,
    rows: int = BLOCK_ROWS,
) -> Iterator[Table]:
    """As read_parquet, in tables of at most `rows` rows, each with its own labels: a file may be larger than memory."""
    with _opened(path) as file:
        table = TableBuilder(path, checked_names(path, file.schema_arrow.names), hints or {}, wanted)
        for _ in _filled(table, file, rows):
            yield table.take(tells_odd=False)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A pyarrow.parquet.ParquetFile. Whatever pyarrow says about the file while it is read is a DataError."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        help = "pip install 'nnctl[parquet]', or save the table as CSV"
        raise file_error(path, "is a Parquet file, and pyarrow, which reads them, is not installed", help) from None
    require_file(path)
    limits = {
        "pre_buffer": False,
        "buffer_size": 1 << 20,
        "thrift_string_size_limit": MOST_METADATA,
        "thrift_container_size_limit": MOST_METADATA,
        "page_checksum_verification": True,
    }
    with reading(path, DataError), path.open("rb") as content:
        try:
            schema = pyarrow.parquet.ParquetFile(content, **limits).schema_arrow
            # Each text is kept once: a small file may name a long one in every row.
            texts = [name for name, kind in zip(schema.names, schema.types, strict=True) if is_text(kind)]
            content.seek(0)
            yield pyarrow.parquet.ParquetFile(content, read_dictionary=texts, **limits)
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            what = f"is not a Parquet file, or is damaged ({quoted(str(error), most=100)})"
            raise file_error(path, what, "save it again") from None


def _filled(table: TableBuilder, file: Any, rows: int) -> Iterator[None]:
    """Put batches of at most `rows` rows into the table, one a step."""
    columns = table.columns.values()
    places = {column.name: file.schema_arrow.names[position] for position, column in table.columns.items()}
    for column in columns:
        type_ = file.schema_arrow.field(places[column.name]).type
        kind = kind_of(type_)
        if kind is None:
            raise _unreadable(table.path, column.name, type_)
        if kind != "category":
            column.settle(kind)
    done = 0
    for batch in file.iter_batches(batch_size=rows, columns=list(places.values())):
        if batch.num_rows:
            lines = np.arange(done + 1, done + batch.num_rows + 1)
            problems = [problem for column in columns for problem in _add(column, batch[places[column.name]], lines)]
            table.end_block(lines, problems)
            done += batch.num_rows
            yield
    if not done:
        raise file_error(table.path, "holds no rows", "give at least one sample")


def _unreadable(path: Path, name: str, type_: Any) -> DataError:
    what = f"column {name} holds {quoted(str(type_))}: numbers, text, dates, false and true can be read"
    return file_error(path, what, f"leave it out: {excluded(name)}, or save it as one of these")


def _add(column: ColumnBuilder, cells: Any, lines: Array) -> list[RowProblem]:
    """Put a pyarrow array into a column: as it is, or as text where a hint says another kind."""
    import pyarrow

    cells.validate(full=True)  # a damaged file may name texts that its dictionary does not have
    if pyarrow.types.is_timestamp(cells.type):
        cells = cells.cast(options=whole_microseconds())
    kind = kind_of(cells.type)
    if kind is None or kind == "category" or kind != column.hint.kind:
        column.add(texts_of(cells), lines)
        return []
    values = values_of(cells, kind)
    wrong = np.flatnonzero(~np.isfinite(values) & cells.is_valid().to_numpy(zero_copy_only=False))[:MOST_PROBLEMS]
    column.add_values(values)
    return [not_finite(int(row), column.name, float(values[row])) for row in wrong]
