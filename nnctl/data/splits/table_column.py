"""The column of a table that decides a split."""

from __future__ import annotations

from nnctl.data.table.table import Column, Table
from nnctl.errors import DataError, Problem
from nnctl.text import did_you_mean, listed


def column_in(table: Table, name: str, key: str) -> Column:
    """The column of this name. key: where the config names it. Raises DataError where the table has none."""
    if name not in table.names:
        what = f"{name} is not a column of {table.origin}; it has {listed(table.names)}"
        help = did_you_mean(name, table.names) or "name one of its columns"
        raise DataError(Problem(what, path=key, help=help))
    return table[name]


def no_columns(name: str, origin: str, key: str) -> DataError:
    """The error of a rule for samples that are none of a table. key: where the config names the column."""
    what = f"names the column {name}, and {origin} has no columns"
    return DataError(
        Problem(what, path=key, help="leave it out" if key.endswith("group") else "give a fraction or a path")
    )
