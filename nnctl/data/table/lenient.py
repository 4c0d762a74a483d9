"""Reading a table again, with columns as categories whose cells do not fit the kind that was inferred."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.reading_notes import sentences
from nnctl.data.table.table import Table
from nnctl.data.table.table_builder import UnfitColumnsError

Hints = Mapping[str, ColumnHint]


def read_with(read: Callable[[Hints], Table], hints: Hints, *, lenient: bool) -> Table:
    """What `read` gives for these hints, by column name. Raises DataError.

    lenient: a column whose cells do not fit its inferred kind becomes a category, which the table's notes tell.
    """
    unfit: dict[str, str] = {}
    while True:
        try:
            table = read(hints)
        except UnfitColumnsError as error:
            if not lenient:
                raise
            unfit |= error.columns
            categories = {name: replace(hints.get(name, ColumnHint()), kind="category") for name in error.columns}
            hints = {**hints, **categories}
        else:
            told = sentences(("category", name, why) for name, why in unfit.items())
            notes = (f"{sentence}; what means missing belongs in `missing`" for sentence in told)
            return replace(table, notes=(*table.notes, *notes))
