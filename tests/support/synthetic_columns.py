"""Columns as people write them, made with a seed: every kind, in many spellings, with gaps and odd cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from nnctl.data.table.table import Kind

ROWS = 400
ODD = 0.015  # of the cells, in columns that have odd ones
Random = np.random.Generator
Cells = list[str]


@dataclass(frozen=True)
class SyntheticColumn:
    """name: tells how it was made. cells: one a row. kind: what it is to be read as."""

    name: str
    cells: Cells
    kind: Kind


def _numbers(spell: Callable[[float], str], low: float = 0.0, high: float = 5000.0) -> Callable[[Random], Cells]:
    return lambda random: [spell(value) for value in random.uniform(low, high, ROWS)]


def _english(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}"


def _german(value: float, digits: int = 2) -> str:
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def _grouped(value: float, mark: str) -> str:
    return f"{value:,.0f}".replace(",", mark)


NUMBERS: dict[str, Callable[[Random], Cells]] = {
    "whole": _numbers(lambda value: f"{value:.0f}"),
    "decimal": _numbers(lambda value: f"{value:.3f}"),
    "signed": _numbers(lambda value: f"{value:+.2f}", -50, 50),
    "scientific": _numbers(lambda value: f"{value:.3e}"),
    "without a leading zero": _numbers(lambda value: f"{value:.3f}".removeprefix("0"), 0, 1),
    "blanks around": _numbers(lambda value: f"  {value:.1f} "),
    "dollars": _numbers(lambda value: f"${_english(value)}"),
    "dollars and cents": _numbers(lambda value: f"$ {_english(value, 2)}"),
    "US$": _numbers(lambda value: f"US$ {_english(value)}"),
    "euros behind": _numbers(lambda value: f"{_german(value)} €"),
    "euros in front": _numbers(lambda value: f"€{value:.2f}"),
    "pounds": _numbers(lambda value: f"£{_english(value, 2)}"),
    "a currency's code": _numbers(lambda value: f"{value:.2f} CHF"),
    "percent": _numbers(lambda value: f"{value:.1f}%", 0, 100),
    "percent with a blank": _numbers(lambda value: f"{value:.0f} %", 0, 100),
    "thousands": _numbers(lambda value: _english(value * 1000)),
    "apostrophes": _numbers(lambda value: _grouped(value * 100, "'")),
    "blanks between": _numbers(lambda value: _grouped(value * 100, " ")),
    "no-break spaces": _numbers(lambda value: _grouped(value * 100, "\u00a0")),
    "narrow spaces": _numbers(lambda value: _grouped(value * 100, "\u202f")),
    "decimal commas": _numbers(lambda value: f"{value:.2f}".replace(".", ",")),
    "German": _numbers(_german),
    "kilograms": _numbers(lambda value: f"{value:.3f} kg", 0, 10),
    "a unit right behind": _numbers(lambda value: f"{value:.0f}cm", 0, 200),
    "square metres": _numbers(lambda value: f"{value:.0f} m²", 10, 300),
    "degrees": _numbers(lambda value: f"{value:.1f}°C", -20, 40),
    "brackets": _numbers(lambda value: f"({-value:.2f})" if value < 0 else f"{value:.2f}", -900, 900),
    "minus and dollars": _numbers(lambda value: f"{'-' if value < 0 else ''}${_english(abs(value))}", -5000, 5000),
    "a true minus": _numbers(lambda value: f"{value:.1f}".replace("-", "−"), -50, 50),
    "minus behind": _numbers(lambda value: f"{abs(value):.2f}{'-' if value < 0 else ''}", -90, 90),
}

DATES = {
    "ISO": "%Y-%m-%d",
    "ISO with slashes": "%Y/%m/%d",
    "ISO and time": "%Y-%m-%d %H:%M:%S",
    "ISO with T": "%Y-%m-%dT%H:%M",
    "ISO with a zone": "%Y-%m-%dT%H:%M:%S+02:00",
    "ISO in UTC": "%Y-%m-%dT%H:%M:%SZ",
    "British": "%d/%m/%Y",
    "American": "%m/%d/%Y",
    "American with time": "%m/%d/%Y %H:%M",
    "American with AM": "%m/%d/%Y %I:%M %p",
    "German dots": "%d.%m.%Y",
    "German dots, two digits": "%d.%m.%y",
    "dots with time": "%d.%m.%Y %H:%M",
    "dashes, day first": "%d-%m-%Y",
    "month's name": "%d-%b-%y",
    "month's name, four digits": "%d-%b-%Y",
    "month's name in words": "%d %B %Y",
    "month first in words": "%b %d, %Y",
    "month": "%Y-%m",
    "eight digits": "%Y%m%d",
    "eight digits with T": "%Y%m%dT%H%M%S",
}

YES_NO = [
    *(("yes", "no"), ("Yes", "No"), ("YES", "NO"), ("y", "n"), ("Y", "N"), ("true", "false"), ("True", "False")),
    *(("TRUE", "FALSE"), ("t", "f"), ("T", "F"), ("on", "off"), ("On", "Off")),
]

WORDS = {
    "words": ["red", "green", "blue", "white"],
    "cities": ["Berlin", "New York", "São Paulo", "Zürich", "Łódź"],
    "codes": ["A12", "B7", "C-3", "D/4"],
    "versions": ["1.2.3", "1.10.0", "2.0.1", "3.1.4"],
    "ranges": ["0-10", "11-20", "21-30", "over 30"],
    "post codes": ["SW1A 1AA", "EC2N 2DB", "M1 1AE"],
    "grades": ["A+", "A", "B-", "C"],
    "sizes": ["1 small", "2 medium", "3 large"],
    "tickets": ["113803", "373450", "PC 17599", "A/5 21171", "STON/O2"],
}

MISSING = ["", "NA", "N/A", "null", "NULL", "None", "nan", "NaN", "#N/A", "?", "-", "n/a"]
ODD_NUMBERS = ["call us", "unknown", "sold out", "see notes"]
ODD_DATES = ["unknown", "0000-00-00", "soon", "not yet"]


def synthetic_columns(seed: int = 0) -> Iterator[SyntheticColumn]:
    """Two hundred columns and some: each spelling alone, with gaps, and with odd cells."""
    random = np.random.default_rng(seed)
    for name, make in NUMBERS.items():
        yield SyntheticColumn(name, make(random), "number")
        yield SyntheticColumn(f"{name}, gaps", _with_gaps(make(random), random), "number")
        yield SyntheticColumn(f"{name}, odd", _with(make(random), ODD_NUMBERS, ODD, random), "number")
    for name, written in DATES.items():
        for remark, spoil in (("", None), (", gaps", _with_gaps), (", odd", _with_odd_dates)):
            cells = [moment.strftime(written) for moment in _moments(random)]
            yield SyntheticColumn(f"{name} date{remark}", spoil(cells, random) if spoil else cells, "date")
    for number, pair in enumerate(YES_NO):
        cells = random.choice(pair, ROWS).tolist()
        yield SyntheticColumn(f"answer {number}", cells, "yes_no")
        yield SyntheticColumn(f"answer {number}, gaps", _with_gaps(cells, random), "yes_no")
    for name, words in WORDS.items():
        cells = random.choice(words, ROWS).tolist()
        yield SyntheticColumn(name, cells, "category")
        yield SyntheticColumn(f"{name}, gaps", _with_gaps(cells, random), "category")
        yield SyntheticColumn(f"{name}, capitals", [cell.upper() for cell in cells], "category")


def _moments(random: Random) -> list[datetime]:
    """Over five years, every minute as likely."""
    start = datetime(2015, 1, 1)
    return [start + timedelta(minutes=int(minutes)) for minutes in random.integers(0, 5 * 365 * 24 * 60, ROWS)]


def _with(cells: Cells, words: Cells, share: float, random: Random) -> Cells:
    """The cells, with a share of them replaced by these words."""
    changed = list(cells)
    for row in random.choice(ROWS, round(share * ROWS), replace=False):
        changed[row] = str(random.choice(words))
    return changed


def _with_gaps(cells: Cells, random: Random) -> Cells:
    """One spelling of missing or two, in a tenth of the rows."""
    return _with(cells, random.choice(MISSING, 2).tolist(), 0.1, random)


def _with_odd_dates(cells: Cells, random: Random) -> Cells:
    return _with(cells, ODD_DATES, ODD, random)
