"""Two hundred columns by a seeded generator, in the spellings of many people: what they are is found."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from nnctl.data.table.delimited import read_delimited
from nnctl.data.table.table import Table

ROWS = 400
ODD = {"number": "call us", "date": "unknown", "yes_no": "", "category": ""}
SHARES = (0.0, 0.005, 0.015)  # of odd cells
MISSING = ("", "NULL", "None", "nan", "?", "-", "N/A", "#N/A", "(missing)", "n/a")


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


NUMBERS: list[Callable[[float], str]] = [
    str,
    "{:.0f}".format,
    "{:.3f}".format,
    "{:e}".format,
    "{:+.1f}".format,
    "{:,.2f}".format,
    "${:,.0f}".format,
    "${:,.2f}".format,
    "{:.1f}%".format,
    "{:.1f} %".format,
    "{:.2f} kg".format,
    "{:.0f} km/h".format,
    "{:.1f}°C".format,
    "EUR {:.2f}".format,
    "{:,.2f} USD".format,
    german,
    lambda value: f"{german(value)} €",
    lambda value: f"{value:.2f}".replace(".", ","),
    lambda value: f"{value:,.0f}".replace(",", " "),
    lambda value: f"{value:,.1f}".replace(",", "'"),
    lambda value: f"{value:,.2f}".replace(",", "\u202f"),
    lambda value: f"({-value:.2f})" if value < 0 else f"{value:.2f}",
    lambda value: f"-${-value:.2f}" if value < 0 else f"${value:.2f}",
    lambda value: f"{abs(value):.2f}-" if value < 0 else f"{value:.2f}",
    lambda value: f"{value:.2f}".replace("-", "−"),
]
DATES = [
    *("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d.%m.%y", "%m/%d/%y", "%Y.%m.%d"),
    *("%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%a, %d %b %Y", "%Y%m%d", "%d%b%Y", "%Y-%b-%d"),
    *("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S+02:00", "%Y%m%dT%H%M%S"),
    *("%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S.%f"),
    *("%m/%d/%Y, %I:%M:%S %p", "%d/%b/%Y:%H:%M:%S +0000", "%H:%M", "%I:%M %p", "%H:%M:%S", "%H.%M.%S"),
]
YES_NO = [("no", "yes"), ("N", "Y"), ("False", "True"), ("FALSE", "TRUE"), ("f", "t"), ("Off", "On"), ("Nein", "Ja")]
WORDS: list[Callable[[int], str]] = [
    lambda number: ("red", "green", "blue", "dark blue")[number % 4],
    lambda number: f"B{number % 30}",
    lambda number: f"A/{number % 9} {number}",
    lambda number: f"{number % 5 + 1}{('st', 'nd', 'rd', 'th', 'th')[number % 5]}",
    lambda number: f"{number % 9}.{number % 4}.{number % 7}",
    lambda number: f"10.0.{number % 3}.{number % 200}",
    lambda number: f"{number % 90}:{number % 60:02}",
    lambda number: f"{10 * (number % 9)}-{10 * (number % 9) + 9}",
    lambda number: ("S", "M", "L", "XL")[number % 4],
    lambda number: ("2 door sedan", "4 door wagon", "van")[number % 3],
    lambda number: f"555-{number:04}",
    lambda number: f"user{number}@example.com",
    lambda number: ("<5", "5 to 10", ">10")[number % 3],
    lambda number: f"{number:04x}-{number * 7919 % 65536:04x}",
]


def columns() -> list[tuple[str, str, list[str]]]:
    """The name, the kind, and the cells of each."""
    random = np.random.default_rng(13)
    made: list[tuple[str, str, list[str]]] = []
    while len(made) < 200:
        number = len(made)
        kind = ("number", "date", "number", "date", "category", "yes_no", "number", "date")[number % 8]
        if kind == "number":
            scale = 10.0 ** random.integers(1, 6)
            write = NUMBERS[number // 2 % len(NUMBERS)]
            cells = [write(round(float(value), 4)) for value in random.normal(size=ROWS) * scale]
        elif kind == "date":
            start = datetime(2001, 1, 1) + timedelta(int(random.integers(3000)))
            seconds = random.integers(0, 86400 * 900, size=ROWS).tolist()
            form = DATES[number // 2 % len(DATES)]
            cells = [(start + timedelta(seconds=value)).strftime(form) for value in seconds]
        elif kind == "yes_no":
            cells = [YES_NO[number // 8 % len(YES_NO)][value] for value in random.integers(2, size=ROWS).tolist()]
        else:
            word = WORDS[number // 8 % len(WORDS)]
            cells = [word(value) for value in random.integers(ROWS, size=ROWS).tolist()]
        missing = MISSING[number % len(MISSING)]
        for place in random.choice(ROWS, size=int(random.integers(30)), replace=False):
            cells[place] = missing
        if ODD[kind]:
            share = SHARES[number % len(SHARES)]
            for place in random.choice(ROWS, size=int(share * ROWS * 0.9), replace=False):
                cells[place] = ODD[kind]
        made.append((f"c{number}", kind, cells))
    return made


COLUMNS = columns()


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path = tmp_path_factory.mktemp("many") / "t.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(name for name, _, _ in COLUMNS)
        writer.writerows(zip(*(cells for _, _, cells in COLUMNS), strict=True))
    return read_delimited(path, lenient=True)


def test_nearly_all_kinds_are_right(table: Table) -> None:
    wrong = [(name, kind, table[name].kind, cells[:3]) for name, kind, cells in COLUMNS if table[name].kind != kind]
    assert len(wrong) <= 5, wrong


def test_no_number_and_no_date_becomes_a_word_in_silence(table: Table) -> None:
    told = "\n".join(table.notes)
    for name, kind, _ in COLUMNS:
        if kind in ("number", "date") and table[name].kind == "category":
            assert f"{name} (" in told


def test_odd_cells_are_counted(table: Table) -> None:
    for name, kind, cells in COLUMNS:
        if table[name].kind == kind and ODD[kind]:
            assert table[name].odd == cells.count(ODD[kind]), name


def test_values_are_those_that_were_written(table: Table) -> None:
    for name, kind, cells in COLUMNS:
        if kind == "yes_no":
            pair = next(pair for pair in YES_NO if set(cells) & set(pair))
            expected = [pair.index(cell) if cell in pair else np.nan for cell in cells]
            np.testing.assert_array_equal(table[name].values, expected)
        elif kind == "number":
            assert np.isfinite(table[name].values).sum() >= ROWS - 40, name
