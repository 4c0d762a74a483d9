"""Columns that are no inputs and may name what rows belong to, such as an id of patients: read for a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.lenient import read_with
from nnctl.data.table.table import Table
from nnctl.data.table.table_file import TableFile
from nnctl.data.table.telling import may_tell
from nnctl.errors import DataError

CELLS = 1 << 18  # looked at, at most: some hundredths of a second
MOST_ROWS = 1 << 12
LEAST_ROWS = 1 << 8
AS_TEXT = ColumnHint("category", free=True)  # any cell will do: over such a column nothing is refused


def columns_beside(source: TableFile, path: Path, header: Sequence[str], wanted: set[str]) -> set[str]:
    """The columns that are not wanted and that, by the first rows, may have one target for all rows of one value.

    None where no split is drawn at random, and where there are too many to look at.
    """
    others = [name for name in header if name not in wanted]
    rows = min(MOST_ROWS, CELLS // (len(others) + len(source.target)))
    if not others or rows < LEAST_ROWS or not source.drawn or source.is_trained or not source.is_own(path):
        return set()
    looked_at = {*others, *source.target}
    try:  # by their kinds, which a few rows tell faster than they are read as texts
        table = read_with(lambda hints: next(source.blocks(path, hints, looked_at, rows)), {}, lenient=True)
    except DataError:  # whoever reads the inputs tells what is wrong
        return set()
    columns = [table[name] for name in others]
    return {column.name for name in source.target for column in may_tell(columns, table[name].values)}


def parted(table: Table, names: set[str]) -> tuple[Table, Table]:
    """The table without these columns, and these alone."""
    own = tuple(column for column in table.columns if column.name in names)
    others = tuple(column for column in table.columns if column.name not in names)
    return replace(table, columns=others), replace(table, columns=own)
