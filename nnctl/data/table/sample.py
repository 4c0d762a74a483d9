"""The first rows of a text file, and what they look like: names, numbers, units, a title."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from nnctl.data.table.number_format import NumberFormat

YEAR = re.compile("(18|19|20)[0-9]{2}")
BRACKETED = re.compile(r"\(.*\)|\[.*\]")
AGREEING = 0.9  # of the rows, which have as many cells as a header that does not stand in the first line
UNITS = frozenset(  # in lower case
    (
        *("mm", "cm", "m", "km", "in", "ft", "mi", "nm", "mm2", "cm2", "m2", "km2", "ft2", "mm²", "cm²", "m²", "km²"),
        *("m3", "m³", "l", "ml", "mg", "g", "kg", "t", "lb", "lbs", "oz", "ms", "s", "sec", "min", "h", "hr", "d"),
        *("days", "years", "yr", "°c", "°f", "c", "f", "k", "degc", "degf", "deg", "°", "%", "‰", "ppm", "v", "mv"),
        *("a", "ma", "w", "kw", "mw", "kwh", "mwh", "j", "kj", "hz", "khz", "mhz", "pa", "kpa", "hpa", "mbar", "bar"),
        *("psi", "n", "kn", "m/s", "km/h", "mph", "kg/m3", "g/l", "mg/l", "mol", "mmol/l", "usd", "eur", "gbp", "chf"),
        *("$", "€", "£", "¥"),
    )
)


class SampleRow(NamedTuple):
    """A row of a sample, and where it begins, counted from 0."""

    number: int
    cells: list[str]


def sample_rows(lines: Sequence[str], first: int, delimiter: str) -> list[SampleRow]:
    """The rows from this line on, without blank ones."""
    wanted = map(between_blanks, lines[first:]) if delimiter == " " else lines[first:]
    reader = csv.reader(wanted, delimiter=delimiter, skipinitialspace=True)
    rows, before = [], 0
    try:
        for row in reader:
            if row:
                rows.append(SampleRow(first + before, row))
            before = reader.line_num
    except csv.Error:
        pass  # reported when the file is read
    return rows


def between_blanks(line: str) -> str:
    """A line in which blanks, or tabs among them, separate the cells, as csv.reader can read it."""
    return line.strip(" \t\r\n").replace("\t", " ") + "\n"


def fitness(rows: Sequence[SampleRow]) -> tuple[float, int]:
    """The share of rows with as many cells as most have, and their number; nothing where that is one."""
    if not rows:
        return 0.0, 0
    first = len(rows[0].cells)
    counts = Counter(len(row.cells) for row in rows)
    most = max(counts, key=lambda count: (counts[count], count == first))
    return (counts[most] / len(rows), most) if most > 1 else (0.0, 0)


def is_title(cells: Sequence[str]) -> bool:
    """Whether a row is one text, as spreadsheets save a title."""
    return len(cells) > 2 and sum(bool(cell.strip()) for cell in cells) < 2


def may_be_header(cells: list[str], rows: list[list[str]]) -> bool:
    """Whether these cells can be names: different ones, and no numbers but years, or one of them above numbers."""
    names = [cell.strip() for cell in cells]
    if "" in names[1:-1] or len(set(names)) < len(names):
        return False
    if is_header(cells, rows):
        return True
    numbers = [name for name in names if is_number(name)]
    return len(names) > 2 and all(map(YEAR.fullmatch, numbers)) and len(numbers) < len(names)


def is_header(cells: list[str], rows: list[list[str]]) -> bool:
    """Whether these cells name columns, of which one is numbers in these rows."""
    rows = [row for row in rows if len(row) == len(cells)]
    if not rows or any(map(is_number, cells)):
        return False
    return any(map(is_number_column, zip(*rows, strict=True)))


def are_units(cells: list[str], rows: list[list[str]]) -> bool:
    """Whether these cells are units of the numbers in the rows below; where these are not numbers there may be none."""
    rows = [row for row in rows if len(row) == len(cells)]
    if not rows:
        return False
    found = 0
    for unit, column in zip(map(str.strip, cells), zip(*rows, strict=True), strict=True):
        is_unit = BRACKETED.fullmatch(unit) is not None or unit.casefold() in UNITS
        if unit in ("", "-") or (is_unit and not is_number_column(column) and BRACKETED.fullmatch(unit)):
            continue
        if not is_unit or not is_number_column(column):
            return False
        found += 1
    return found > 0


def is_number_column(cells: Sequence[str]) -> bool:
    """Whether nearly all of these cells that are not empty are numbers."""
    present = [cell for cell in cells if cell.strip()]
    return bool(present) and sum(map(is_number, present)) >= AGREEING * len(present)


def is_number(cell: str) -> bool:
    """Whether a cell is a number without a unit, with either decimal sign."""
    text = cell.strip()
    return any(NumberFormat(decimal).value(text) is not None for decimal in (".", ","))
