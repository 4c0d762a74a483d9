"""The cells of a column that do not fit its kind: how many may be taken for missing, what is wrong with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from nnctl.data.table.cells import MOST_PROBLEMS, RowProblem
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.dates import ISO_FORMAT
from nnctl.data.table.number_format import Decimal, NumberFormat, alike, is_spelled, unit_of
from nnctl.data.table.remedies import column_setting, in_yaml
from nnctl.data.table.table import Array
from nnctl.text import is_number, quoted

LONGEST_WORD = 40  # characters of what may mean missing
TOLERATED = 50  # one odd cell among so many is taken for missing
FEW = 10  # different values, which may be names: a word among them may be one more
MOST_TEXTS = 1_000  # different odd cells that are counted one by one


class LineProblem(NamedTuple):
    """A mistake in one line of a file."""

    line: int
    what: str
    help: str


class OddCells:
    """Those of one column."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self._texts: Counter[str] = Counter()
        self._lines: dict[str, int] = {}  # of the first of each text

    def notice(self, texts: Sequence[str], lines: Array) -> None:
        """Take odd cells. lines: (n,), of their rows."""
        self.count += len(texts)
        for text, line in zip(texts, lines.tolist(), strict=True):
            if text in self._texts or len(self._texts) < MOST_TEXTS:
                self._texts[text] += 1
                self._lines.setdefault(text, line)

    def are_tolerable(self, present: int) -> bool:
        """Whether they are few. present: cells that are not missing, among them these."""
        return is_tolerable(self.count, present)

    def word(self, present: int, values: Array, hint: ColumnHint) -> str:
        """The text that must mean missing, as `repeated_word` has it, where others have many values; else empty.

        present: as for `are_tolerable`. values: of all cells, NaN where odd or missing. hint: what the column is.
        """
        if self.are_tolerable(present) or len(np.unique(values[~np.isnan(values)])) <= FEW:
            return ""
        return repeated_word(self._texts, self.count, present, among_numbers=hint.kind == "number")

    def described(self, present: int, hint: ColumnHint, word: str = "") -> str:
        """How many there are, for people. word: a text that is left out."""
        one, more = {"number": ("a number", "numbers"), "date": ("a date", "dates")}.get(
            hint.kind or "number", ("yes or no", "yes or no")
        )
        count, first = self.count - self._texts[word], next(text for text in self._texts if text != word)
        values = f"{count:,} of the {present:,} values"
        if count == 1:
            return f"{values} is not {one} ({quoted(first)})"
        dots = "" if self._texts[first] == count else ", …"
        return f"{values} are not {more} ({quoted(first)}{dots})"

    def count_of(self, word: str) -> int:
        """How many cells have this text."""
        return self._texts[word]

    def problems(self, hint: ColumnHint) -> list[LineProblem]:
        """What is wrong, once for each of the first texts, and the remedies. hint: what the column is."""
        found = []
        for text, line in list(self._lines.items())[:MOST_PROBLEMS]:
            what, help = problem_of(self.name, text, hint)
            count = self._texts[text]
            found.append(LineProblem(line, f"{what}, in {count:,} rows" if count > 1 else what, help))
        return found


def is_tolerable(odd: int, present: int) -> bool:
    """Whether so few of the cells that are present do not fit that they can be taken for missing."""
    return odd * TOLERATED <= present


def repeated_word(odd: Counter[str], count: int, present: int, among_numbers: bool) -> str:
    """The odd text that repeats in less than half of the cells, where hardly any other cell is odd; else empty.

    odd: how often each text occurs. count: odd cells in all. among_numbers: then no other spelling of a number is one.
    """
    text, number = odd.most_common(1)[0] if odd else ("", 0)
    if number < 2 or 2 * number >= present or not is_tolerable(count - number, present):
        return ""
    return "" if among_numbers and is_spelled(text) else text


def problem_of(name: str, text: str, hint: ColumnHint) -> tuple[str, str]:
    """What is wrong, and the remedy. hint: what the column is."""
    if hint.kind == "number" and is_number(text) and not np.isfinite(float(text)):
        return _not_finite(name, float(text))
    what, help = _not_a_number(name, text, hint) if hint.kind == "number" else _neither(name, text, hint)
    return what, _as_in_training(hint) if hint.trained else help


def _neither(name: str, text: str, hint: ColumnHint) -> tuple[str, str]:
    """The same for yes_no and for dates."""
    words = f"for a column of words set {column_setting(name, 'category')}"
    if hint.kind == "yes_no":
        return f"column {name}: {quoted(text)} is neither yes nor no", f"fix the value; {_missing(text)}; {words}"
    what = "is not a date like 2024-01-31" if _is_iso(hint) else f"is not a date of the format {hint.format}"
    setting = column_setting(name, '{type: date, format: "%d.%m.%Y"}')
    remedy = f", or set its format: {setting}" if any(map(str.isdigit, text)) else f"; {_missing(text)}"
    return f"column {name}: {quoted(text)} {what}", f"fix the value{remedy}; {words}"


def _as_in_training(hint: ColumnHint) -> str:
    """The remedy where the column is that of a trained network."""
    if hint.kind == "date":
        example = "2024-01-31" if _is_iso(hint) else datetime(2024, 1, 31).strftime(hint.format or "")
        written = f"dates like {example}"
    elif hint.kind == "number":
        written = f"numbers like 1{hint.decimal or '.'}5" + (f" with the unit {hint.unit}" if hint.unit else "")
    else:
        written = "yes or no"
    return f"write {written}, as in training, or leave the value out where it is missing"


def _is_iso(hint: ColumnHint) -> bool:
    return hint.format is None or hint.format.lower() == ISO_FORMAT


def not_finite(row: int, name: str, value: float) -> RowProblem:
    """The problem of a number that is NaN or infinite."""
    return RowProblem(row, *_not_finite(name, value))


def _not_finite(name: str, value: float) -> tuple[str, str]:
    what = f"column {name}: expected a finite number, got {'NaN' if np.isnan(value) else f'{value:g}'}"
    return what, "fix the value, or leave it empty where it is missing"


def _not_a_number(name: str, text: str, hint: ColumnHint) -> tuple[str, str]:
    words = f"for a column of words set {column_setting(name, 'category')}"
    unit, decimal = unit_of(text), hint.decimal or "."
    if unit and alike(unit) != alike(hint.unit or ""):
        others = f"the other numbers have {hint.unit}" if hint.unit else "most other numbers have none"
        what = f"column {name}: {quoted(text)} has a unit, {unit}; {others}"
        return what, f"write all numbers in one unit; {words}"
    other: Decimal = "," if decimal == "." else "."
    what = f"column {name}: {quoted(text)} is not a number"
    if NumberFormat(other, hint.unit or "").value(text) is not None:
        setting = column_setting(name, f"{{decimal: '{other}'}}")
        return f"{what} with the decimal sign {decimal}", f"write all numbers alike, or set {setting}; {words}"
    return what, f"fix the value; {_missing(text)}; {words}"


def _missing(text: str) -> str:
    """The remedy for a cell that has no value."""
    is_word = len(text) <= LONGEST_WORD and not any(map(str.isdigit, text))
    return "where it means missing, leave it empty" + (f" or set `missing: [{in_yaml(text)}]`" if is_word else "")
