"""A table as it grows block by block from a file."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from nnctl.data.files import GIB, file_error, memory_limit
from nnctl.data.table.cells import MOST_PROBLEMS, RowProblem
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.columns import ColumnBuilder, LineProblem
from nnctl.data.table.growing_array import GrowingArray
from nnctl.data.table.reading_notes import sentences
from nnctl.data.table.table import Array, Table
from nnctl.errors import DataError, Problem
from nnctl.regular_file import shown


class UnfitColumnsError(DataError):
    """Columns with too many cells that do not fit their kind, which was inferred."""

    def __init__(self, problems: Iterable[Problem], columns: dict[str, str]) -> None:
        super().__init__(*problems)
        self.columns = columns
        """By name, what does not fit."""


class TableBuilder:
    """The wanted columns of a file, by their position in it. Raises DataError where a block is wrong."""

    def __init__(
        self, path: Path, names: Sequence[str | None], hints: Mapping[str, ColumnHint], wanted: Container[str] | None
    ) -> None:
        """names: one a position, None where there is no column."""
        self.path = path
        self.columns = {
            position: ColumnBuilder(name, hints.get(name, ColumnHint()))
            for position, name in enumerate(names)
            if name is not None and (wanted is None or name in wanted)
        }
        self._lines = GrowingArray(np.int64)
        self._limit = memory_limit()

    def end_block(self, lines: Array, problems: list[RowProblem]) -> None:
        """Close a block whose cells were added. lines: (n,), of its rows. problems: what is wrong in whole rows."""
        if problems:
            found = [LineProblem(int(lines[row]), what, help) for row, what, help in problems[:MOST_PROBLEMS]]
            unfit = [problem for column in self.columns.values() if not column.fits for problem in column.problems]
            raise DataError(*self._first(found + unfit))
        self._lines.append(lines)
        if sum(column.size for column in self.columns.values()) > self._limit:
            what = f"would take more than {self._limit / GIB:.1f} GiB of memory, the limit"
            raise file_error(self.path, what, "use fewer rows, or fewer columns: `features` says which are read")

    @property
    def is_settled(self) -> bool:
        """Whether it is known of every column what it is."""
        return all(column.is_settled for column in self.columns.values())

    def __len__(self) -> int:
        return len(self._lines)

    def take(self, notes: Iterable[str] = (), *, tells_odd: bool = True) -> Table:
        """The table of all blocks since it was last taken. notes: on the file, for those that do not fit follow.

        tells_odd: whether cells that do not fit are noted; else whoever adds up the columns' counts tells them.
        Raises DataError where more cells of a column are odd than may be taken for missing.
        """
        columns = self.columns.values()
        if unfit := [column for column in columns if not column.fits]:
            problems = self._first([problem for column in unfit for problem in column.problems])
            if all(column.is_inferred for column in unfit):
                raise UnfitColumnsError(problems, {column.name: column.oddity for column in unfit})
            raise DataError(*problems)
        findings = (finding for column in columns for finding in column.findings())
        notes = (*notes, *sentences(finding for finding in findings if tells_odd or finding[0] != "odd"))
        return Table(tuple(column.take() for column in columns), self._lines.take(), shown(self.path), notes)

    def _first(self, problems: list[LineProblem]) -> list[Problem]:
        file = shown(self.path)
        return [Problem(what, file=file, line=line, help=help) for line, what, help in sorted(problems)[:MOST_PROBLEMS]]
