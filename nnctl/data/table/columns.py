"""Columns as they grow block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from nnctl.data.table.cells import MOST_PROBLEMS, Values, canonical, numbers, parsed
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.dates import ISO_FORMAT, days
from nnctl.data.table.growing_array import GrowingArray
from nnctl.data.table.inference import (
    Finding,
    Inferred,
    are_surely_numbers,
    filled,
    infer,
    infer_from_counts,
    is_tolerable,
)
from nnctl.data.table.missing_words import MissingWords
from nnctl.data.table.number_format import NumberFormat
from nnctl.data.table.odd_cells import problem_of
from nnctl.data.table.remedies import column_setting
from nnctl.data.table.table import Array, Column, Kind
from nnctl.data.table.yes_no import Spelling, truth
from nnctl.text import listed, quoted

LABEL_BYTES = 200  # of a text and of its place in a dict, beyond its characters


class LineProblem(NamedTuple):
    """A mistake in one line of a file."""

    line: int
    what: str
    help: str


class ColumnBuilder:
    """One column. What its hint leaves open is inferred from the first block that has a cell in it."""

    def __init__(self, name: str, hint: ColumnHint) -> None:
        self.name = name
        self.is_inferred = hint.kind is None and hint.format is None
        self.hint = filled(hint) or hint
        self.size = 0  # bytes
        self.present = 0  # cells that are not missing
        self.odd = 0  # of these, those that do not fit the kind
        self.problems: list[LineProblem] = []  # of the first odd cells
        self._first_odd = ""
        self._is_settled = filled(hint) is not None
        self._findings: tuple[Finding, ...] = ()
        self._values = GrowingArray(np.float64)
        self._labels: dict[str, int] = {}  # of a category
        self._missing = MissingWords(() if hint.free else hint.missing)
        self._tells_missing = hint.missing is None and not hint.free
        self._missing_words: Counter[str] = Counter()  # among the labels of a category
        self._known: dict[str, Any] = {}  # cells as they were written, and their values or positions in _labels
        self._spelling = Spelling()  # of yes and no

    def settle(self, kind: Kind) -> None:
        """Take the kind that the file says, where no hint says another."""
        if not self._is_settled and self.hint.kind is None:
            self.hint = replace(self.hint, kind=kind)
            if kind == "number":
                self.hint = replace(self.hint, decimal=".", unit="")
            elif kind == "date":
                self.hint = replace(self.hint, format=ISO_FORMAT)
            elif kind == "yes_no":
                self._spelling.notice(("false", "true"))
            self._is_settled = True

    def add(self, cells: Sequence[str], lines: Array) -> None:
        """Take the cells of a block. lines: (n,), of its rows."""
        if not self._is_settled:
            values = self._take_in(infer(self.name, cells, self.hint, self._missing), len(cells))
            if values is not None:
                self.add_values(values)
                return
        if self.hint.kind == "category":
            self._append(self._positions(cells))
            return
        read, odd = self._read(cells)
        self.present += len(odd)
        if odd:
            self._notice_odd([cells[row].strip() for row in odd], lines[odd])
        self.add_values(read)

    @property
    def is_settled(self) -> bool:
        """Whether it is known what the column is."""
        return self._is_settled

    @property
    def is_plain(self) -> bool:
        """Whether it is known to be numbers as float() reads them."""
        hint = self.hint
        plain = hint.kind == "number" and hint.decimal == "." and not hint.unit
        return self._is_settled and plain and not self._missing.numbers

    def is_surely_plain(self, cells: Sequence[str]) -> bool:
        """Whether it is plain numbers, if its other cells are read as numbers. cells: some of the first block's."""
        return self.is_plain or (not self._is_settled and are_surely_numbers(cells, self.hint, self._missing))

    @property
    def missing_words(self) -> frozenset[str]:
        """The words that mean missing, in lower case."""
        return frozenset(self._missing.words)

    def add_encoded(self, texts: list[str], positions: Array, lines: Array) -> None:
        """Take cells that are different texts, and (n,) positions in them; see `add`."""
        if not self._is_settled:
            counts = Counter(dict(zip(texts, np.bincount(positions, minlength=len(texts)).tolist(), strict=True)))
            values = self._take_in(infer_from_counts(self.name, counts, self.hint, self._missing), len(positions))
            if values is not None:
                self.add_values(values)
                return
        if self.hint.kind == "category":
            self._append(self._positions(texts, np.bincount(positions, minlength=len(texts)))[positions])
            return
        read, odd = self._read(texts)
        rows = np.flatnonzero(np.isin(positions, odd)) if odd else np.zeros(0, np.int64)
        self.present += len(rows)
        if odd:
            self._notice_odd([texts[position].strip() for position in positions[rows]], lines[rows])
        self.add_values(read[positions])

    def add_values(self, values: Array) -> None:
        """Take float64 values, NaN where missing, that need no reading: of a number, a date or yes and no."""
        self.present += int(np.count_nonzero(~np.isnan(values)))
        self._append(values)

    def add_partly_read(self, values: Array, rows: Array, texts: list[str], lines: Array) -> None:
        """Take values of plain numbers, of which those of some rows are texts that are still to be read; see `add`."""
        if not self._is_settled:
            self.hint = replace(self.hint, kind="number", decimal=".", unit="")
            self._is_settled = True
        if texts:
            read, odd = self._read(texts)
            values[rows] = read
            self.present += len(odd)
            if odd:
                self._notice_odd([texts[place].strip() for place in odd], lines[rows[odd]])
        self.add_values(values)

    @property
    def fits(self) -> bool:
        """Whether so few cells are odd that they may be taken for missing."""
        return is_tolerable(self.odd, self.present)

    @property
    def oddity(self) -> str:
        """How many cells are odd, for people."""
        one, more = {"number": ("a number", "numbers"), "date": ("a date", "dates")}.get(
            self.hint.kind or "number", ("yes or no", "yes or no")
        )
        values = f"{self.odd:,} of the {self.present:,} values"
        if self.odd == 1:
            return f"{values} is not {one} ({quoted(self._first_odd)})"
        return f"{values} are not {more} ({quoted(self._first_odd)}, …)"

    def findings(self) -> Iterator[tuple[str, str, str]]:
        """What was found since the column was last taken: the subject, the column, and the rest."""
        yield from ((finding.about, self.name, finding.detail) for finding in self._findings)
        if self._missing_words:
            words = listed(f"{count:,} {quoted(word)}" for word, count in self._missing_words.most_common(3))
            keeping = column_setting(self.name, "{missing_words: []}")
            yield "missing words", self.name, f"{words}; to keep them as labels set {keeping}"
        if self.odd:
            yield "odd", self.name, self.oddity

    def take(self) -> Column:
        """The column of all that was added since it was last taken."""
        kind = self.hint.kind or "number"
        labels = self._spelling.labels if kind == "yes_no" else tuple(self._labels)
        column = Column(self.name, kind, self._values.take(), labels, replace(self.hint, kind=kind), self.odd)
        self._labels, self.size = {}, 0
        if kind == "category":
            self._known = {}
        self.present, self.odd, self.problems = 0, 0, []
        self._findings, self._missing_words = (), Counter()
        return column

    def _take_in(self, inferred: Inferred | None, rows: int) -> Array | None:
        """Settle what the column is. Returns the values of the rows where they need no more reading."""
        if inferred is None:
            return np.full(rows, np.nan)
        if inferred.hint.missing != self.hint.missing:
            self._missing = MissingWords(inferred.hint.missing)
        self.hint, self._findings, values = inferred
        self._is_settled = True
        return values

    def _append(self, values: Array) -> None:
        if self.hint.kind == "category" and self._values.dtype is np.float64:  # all were missing until now
            missing = np.full(len(self._values), -1, np.int32)
            self._values = GrowingArray(np.int32)
            self._values.append(missing)
        self._values.append(values)
        self.size += values.nbytes

    def _read(self, cells: Sequence[str]) -> Values:
        hint = self.hint
        if hint.kind == "number":
            return numbers(cells, NumberFormat(hint.decimal or ".", hint.unit or ""), self._missing, self._known)
        if hint.kind == "date":
            return parsed(cells, lambda text: days(text, hint.format), self._missing, self._known)
        self._spelling.notice(cells)
        return parsed(cells, truth, self._missing, self._known)

    def _notice_odd(self, texts: list[str], lines: Array) -> None:
        self.odd += len(texts)
        self._first_odd = self._first_odd or texts[0]
        room = MOST_PROBLEMS - len(self.problems)
        for text, line in zip(texts[:room], lines[:room].tolist(), strict=True):
            self.problems.append(LineProblem(line, *problem_of(self.name, text, self.hint)))

    def _positions(self, cells: Sequence[str], counts: Array | None = None) -> Array:
        """int32 positions of the labels, -1 where missing. counts: how often each of the cells occurs, if not once."""
        for cell in dict.fromkeys(cells):
            if cell in self._known:
                continue
            label = cell.strip()
            if label in self._missing:
                self._known[cell] = -1
                continue
            label = label if self.hint.free else canonical(label)
            if label not in self._labels:
                self._labels[label] = len(self._labels)
                self.size += LABEL_BYTES + 4 * len(label)
            self._known[cell] = self._labels[label]
        positions = np.fromiter(map(self._known.__getitem__, cells), np.int32, len(cells))
        if self._tells_missing and (positions < 0).any():
            for cell, count in zip(cells, repeat(1) if counts is None else counts.tolist(), strict=False):
                if self._known[cell] < 0 and cell.strip():
                    self._missing_words[cell.strip()] += count
        return positions
