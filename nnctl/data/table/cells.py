"""Cells, which are text, as values of a column's kind, and which of them do not fit in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from nnctl.data.table.missing_words import MissingWords
from nnctl.data.table.number_format import NumberFormat
from nnctl.data.table.table import Array
from nnctl.text import composed

WHOLE = re.compile(r"[+-]?\d+\.0+", re.ASCII)
MOST_PROBLEMS = 10
MOST_KNOWN = 1 << 16  # cells whose values are kept for the next block


class RowProblem(NamedTuple):
    """A mistake in one row of a block, counted from 0."""

    row: int
    what: str
    help: str


class Values(NamedTuple):
    """The cells of a block as float64, NaN where one is missing or odd."""

    values: Array
    odd: list[int]
    """The rows whose cells do not fit."""


def all_numbers(texts: Sequence[str]) -> Array | None:
    """Texts that are finite numbers, all of them, else None."""
    joined = "".join(texts)
    if "_" in joined or not joined.isascii():  # float() reads 1_000 and the digits of other scripts
        return None
    with suppress(ValueError):
        values = np.fromiter(map(float, texts), np.float64, len(texts))
        if np.isfinite(values).all():
            return values
    return None


def numbers(
    cells: Sequence[str], number_format: NumberFormat, missing: MissingWords, known: dict[str, float | None]
) -> Values:
    """Numbers of one format. known: values of cells that came before."""
    values = _plain_numbers(cells) if number_format.is_plain or not any("." in cell for cell in cells) else None
    found = parsed(cells, number_format.value, missing, known) if values is None else Values(values, [])
    if missing.numbers:
        found.values[np.isin(found.values, list(missing.numbers))] = np.nan
    return found


def parsed(
    cells: Sequence[str],
    parse: Callable[[str], float | None],
    missing: MissingWords,
    known: dict[str, float | None],
) -> Values:
    """Each distinct text parsed once: there are few, or they are as slow as they are many. known: see `numbers`."""
    if len(known) > MOST_KNOWN:
        known.clear()
    distinct = dict.fromkeys(cells)
    for cell in distinct:
        if cell not in known:
            text = cell.strip()
            known[cell] = np.nan if text in missing else parse(text)
    values = np.array([known[cell] for cell in cells], np.float64)  # None becomes NaN
    odd = {cell for cell in distinct if known[cell] is None}
    return Values(values, [row for row, cell in enumerate(cells) if cell in odd] if odd else [])


def canonical(label: str) -> str:
    """The one spelling of labels that are the same whole number, 1.0 and 1.00 are 1, or the same to the eye."""
    label = composed(label)
    return label.partition(".")[0] if label.endswith("0") and WHOLE.fullmatch(label) else label


def _plain_numbers(cells: Sequence[str]) -> Array | None:
    """Cells that are finite numbers or empty, all of them, else None."""
    values = all_numbers(cells)
    if values is None and "" in cells:
        present = all_numbers(list(filter(None, cells)))
        if present is not None:
            values = np.full(len(cells), np.nan)
            values[np.fromiter(map(bool, cells), bool, len(cells))] = present
    return values
