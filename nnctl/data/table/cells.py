"""Cells, which are text, as values: what kind of column they make, and which of them do not fit in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import compress
from typing import NamedTuple

import numpy as np

from nnctl.data.table.dates import days
from nnctl.data.table.table import Array, Kind
from nnctl.text import is_number, quoted

MISSING = frozenset(("", "NA", "N/A", "null"))
NO_YES = (("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("off", "on"), ("0", "1"))
TRUTH = {word: float(value) for pair in NO_YES for value, word in enumerate(pair)}
COMMA = re.compile(r"[+-]?\d[\d.]*,[\d.,]*\d", re.ASCII)  # 1,5 or 1.234,50 or 1,234,567
MOST_PROBLEMS = 10


class RowProblem(NamedTuple):
    """A mistake in one row of a block, counted from 0."""

    row: int
    what: str
    help: str


Found = tuple[Array, list[RowProblem]]


def kind_of(cells: Sequence[str]) -> Kind | None:
    """The kind of the column that these cells are from: number where more than half are; None where all are missing."""
    if cells and _all_numbers(cells) is not None:
        return "number"  # without counting them: hardly two may be alike
    counts = Counter(map(str.strip, cells))
    for text in MISSING:
        del counts[text]
    if not counts:
        return None
    # Decimal commas count as numbers, to be refused: as words they would be lost in silence.
    if 2 * sum(count for text, count in counts.items() if is_number(text) or COMMA.fullmatch(text)) > counts.total():
        return "number"
    words = {text.casefold() for text in counts}
    if any(words.issubset(pair) for pair in NO_YES):
        return "yes_no"
    return "date" if all(days(text) is not None for text in counts) else "category"


def numbers(name: str, cells: Sequence[str]) -> Found:
    """float64, NaN where missing."""
    values = _all_numbers(cells)
    if values is not None:
        return values, []
    texts = list(map(str.strip, cells))
    present = np.array([text not in MISSING for text in texts], bool)
    values = np.full(len(texts), np.nan)
    values[present] = _floats(list(compress(texts, present)))
    wrong = np.flatnonzero(present & ~np.isfinite(values))[:MOST_PROBLEMS]
    return values, [_not_a_number(int(row), name, texts[row]) for row in wrong]


def _all_numbers(texts: Sequence[str]) -> Array | None:
    """Texts that are finite numbers, all of them, else None."""
    joined = "".join(texts)
    if "_" in joined or not joined.isascii():  # float() reads 1_000 and the digits of other scripts
        return None
    with suppress(ValueError):
        values = np.fromiter(map(float, texts), np.float64, len(texts))
        if np.isfinite(values).all():
            return values
    return None


def _floats(texts: Sequence[str]) -> Array:
    """NaN where a text is not a number."""
    values = _all_numbers(texts)
    if values is None:
        return np.array([float(text) if is_number(text) else np.nan for text in texts], np.float64)
    return values


def not_finite(row: int, name: str, value: float) -> RowProblem:
    """The problem of a cell that is NaN or infinite."""
    what = f"column {name}: expected a finite number, got {'NaN' if np.isnan(value) else f'{value:g}'}"
    return RowProblem(row, what, "fix the value, or leave it empty where it is missing")


def _not_a_number(row: int, name: str, text: str) -> RowProblem:
    if is_number(text):
        return not_finite(row, name, float(text))
    words = f"for a column of words set `columns: {{{name}: category}}`"
    help = f"fix the value, or leave it empty where it is missing; {words}"
    if COMMA.fullmatch(text):
        help = f"write numbers with a decimal point and nothing between thousands, like 1234.5; {words}"
    return RowProblem(row, f"column {name}: {quoted(text)} is not a number", help)


def yes_no(name: str, cells: Sequence[str]) -> Found:
    """float64: 1 for yes, 0 for no, NaN where missing."""
    help = f"fix the value, or leave it empty; for a column of words set `columns: {{{name}: category}}`"
    return _parsed(name, cells, lambda text: TRUTH.get(text.casefold()), "is neither yes nor no", help)


def dates(name: str, cells: Sequence[str], date_format: str | None) -> Found:
    """float64: days since 1970-01-01, NaN where missing."""
    what = f"is not a date of the format {date_format}" if date_format else "is not a date like 2024-01-31"
    help = f'fix the value, or set its format: `columns: {{{name}: {{type: date, format: "%d.%m.%Y"}}}}`'
    return _parsed(name, cells, lambda text: days(text, date_format), what, help)


def _parsed(name: str, cells: Sequence[str], parse: Callable[[str], float | None], what: str, help: str) -> Found:
    """Each distinct text parsed once: there are few, or they are as slow as they are many."""
    known: dict[str, float] = {}
    wrong = set()
    for cell in dict.fromkeys(cells):
        text = cell.strip()
        value = np.nan if text in MISSING else parse(text)
        known[cell] = np.nan if value is None else value
        if value is None:
            wrong.add(cell)
    values = np.fromiter(map(known.__getitem__, cells), np.float64, len(cells))
    problems = [
        RowProblem(row, f"column {name}: {quoted(cell.strip())} {what}", help)
        for row, cell in enumerate(cells if wrong else ())
        if cell in wrong
    ]
    return values, problems[:MOST_PROBLEMS]
