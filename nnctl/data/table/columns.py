"""Columns as they grow block by block, and the table that they make."""

from __future__ import annotations

import re
from array import array
from collections.abc import Container, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from nnctl.data.files import GIB, file_error, memory_limit
from nnctl.data.table.cells import MISSING, MOST_PROBLEMS, NO_YES, TRUTH, RowProblem, dates, kind_of, numbers, yes_no
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.table import Array, Column, Kind, Table
from nnctl.data.targets import LONGEST_LABEL
from nnctl.errors import DataError, Problem
from nnctl.regular_file import shown
from nnctl.text import quoted

MOST_LABELS = 10_000
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # would move a terminal's cursor, or cannot be written
LABEL_BYTES = 200  # of a text and of its place in a dict, beyond its characters


class ColumnBuilder:
    """One column. Its kind is given by a hint, or inferred from the first block that has a cell in it."""

    def __init__(self, name: str, hint: ColumnHint) -> None:
        self.name, self.hint = name, hint
        self.kind: Kind | None = hint.kind or ("date" if hint.format else None)
        self.size = 0  # bytes
        # An array grows in place: blocks that are joined at the end would take twice the memory.
        self._values: array[Any] = array("d")
        self._labels: dict[str, int] = {}  # of a category
        self._missing = dict.fromkeys([""] if hint.free else MISSING, -1)
        self._known = dict(self._missing)  # cells as they were written, and their positions in _labels
        self._spelled: dict[float, str] = {}  # how no and yes are written

    def add(self, cells: Sequence[str]) -> list[RowProblem]:
        """Take the cells of a block. Returns what is wrong with them."""
        self.kind = self.kind or kind_of(cells)
        if self.kind == "category" and self._values.typecode == "d":  # all were missing until now
            self._values = array("i", [-1]) * len(self._values)
        problems: list[RowProblem] = []
        if self.kind is None:
            values = np.full(len(cells), np.nan)
        elif self.kind == "number":
            values, problems = numbers(self.name, cells)
        elif self.kind == "date":
            values, problems = dates(self.name, cells, self.hint.format)
        elif self.kind == "yes_no":
            values, problems = yes_no(self.name, cells)
            self._notice_spelling(cells)
        else:
            values, problems = self._positions(cells)
        self._append(values)
        return problems

    def add_values(self, kind: Kind, values: Array) -> None:
        """Take float64 values, NaN where missing, that need no reading: of a number, a date or false and true."""
        self.kind = kind
        if kind == "yes_no":
            self._spelled = {0.0: "false", 1.0: "true"}
        self._append(values)

    def _append(self, values: Array) -> None:
        self._values.frombytes(values.tobytes())
        self.size += values.nbytes

    def take(self) -> Column:
        """The column of all that was added since it was last taken."""
        kind = self.kind or "number"
        labels = self._spellings() if kind == "yes_no" else tuple(self._labels)
        column = Column(self.name, kind, _view(self._values), labels)
        self._values, self._labels, self._known, self.size = array("d"), {}, dict(self._missing), 0
        return column

    def _positions(self, cells: Sequence[str]) -> tuple[Array, list[RowProblem]]:
        """int32 positions of the labels, -1 where missing."""
        problems = []
        for cell in dict.fromkeys(cells):
            if cell in self._known:
                continue
            label = cell.strip()
            if label not in self._known:
                self._known[label] = self._labels[label] = len(self._labels)
                self.size += LABEL_BYTES + 4 * len(label)
                if not self.hint.free and (wrong := self._wrong_with(label)):
                    problems.append(RowProblem(cells.index(cell), *wrong))
                    if len(self._labels) > MOST_LABELS:
                        break
            self._known[cell] = self._known[label]
        positions = map(self._known.get, cells, repeat(-1))  # -1 after a problem only, when they are not used
        return np.fromiter(positions, np.int32, len(cells)), problems[:MOST_PROBLEMS]

    def _wrong_with(self, label: str) -> tuple[str, str] | None:
        """What is wrong with a label, and what to do about it."""
        leave = f"leave the column out: `features: {{exclude: [{self.name}]}}`"
        if wrong := wrong_with_text(label):
            return f"column {self.name}: a label {wrong}", f"name it in a word or two, or {leave}"
        if len(self._labels) > MOST_LABELS:
            return f"column {self.name} has more than {MOST_LABELS:,} different texts", f"an id or free text? {leave}"
        return None

    def _notice_spelling(self, cells: Sequence[str]) -> None:
        if len(self._spelled) < 2:
            for text in map(str.strip, dict.fromkeys(cells)):
                if text.casefold() in TRUTH:
                    self._spelled.setdefault(TRUTH[text.casefold()], text)

    def _spellings(self) -> tuple[str, str]:
        """How no and yes are written. What does not occur is written like the other."""
        for value, other in ((0.0, 1.0), (1.0, 0.0)):
            if value not in self._spelled and (text := self._spelled.get(other)):
                pair = next(pair for pair in NO_YES if text.casefold() in pair)
                word = pair[int(value)]
                self._spelled[value] = word.upper() if text.isupper() else word.title() if text.istitle() else word
        return self._spelled.get(0.0, "no"), self._spelled.get(1.0, "yes")


def wrong_with_text(text: str) -> str:
    """What makes a text unfit for a name or a label, or nothing."""
    if len(text) > LONGEST_LABEL:
        return f"of {len(text):,} characters, {LONGEST_LABEL} are the limit"
    return f"with a control character, {quoted(text)}" if CONTROL.search(text) else ""


class TableBuilder:
    """The wanted columns of a file, by their position in it. Raises DataError where a block is wrong."""

    def __init__(
        self, path: Path, names: Sequence[str], hints: Mapping[str, ColumnHint], wanted: Container[str] | None
    ) -> None:
        self.path = path
        self.columns = {
            position: ColumnBuilder(name, hints.get(name, ColumnHint()))
            for position, name in enumerate(names)
            if wanted is None or name in wanted
        }
        self._lines: array[Any] = array("q")
        self._limit = memory_limit()

    def end_block(self, lines: Array, problems: list[RowProblem]) -> None:
        """Close a block whose cells were added. lines: (n,), of its rows. problems: what is wrong in them."""
        if first := sorted(problems)[:MOST_PROBLEMS]:
            file = shown(self.path)
            raise DataError(*(Problem(what, file=file, line=int(lines[row]), help=help) for row, what, help in first))
        self._lines.frombytes(lines.tobytes())
        if sum(column.size for column in self.columns.values()) > self._limit:
            what = f"would take more than {self._limit / GIB:.1f} GiB of memory, the limit"
            raise file_error(self.path, what, "use fewer rows, or fewer columns: `features` says which are read")

    def __len__(self) -> int:
        return len(self._lines)

    def take(self) -> Table:
        """The table of all blocks since it was last taken."""
        lines, self._lines = _view(self._lines), array("q")
        return Table(tuple(column.take() for column in self.columns.values()), lines, shown(self.path))


def _view(values: array[Any]) -> Array:
    return np.frombuffer(values, values.typecode)
