"""Tables as people really have them, written with a seed: what is predicted follows from the other columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

ROWS = 300
Row = Sequence[object]
Random = np.random.Generator


@dataclass(frozen=True)
class OddFile:
    """write: makes the file's bytes. target: the column to predict. score, least: what `eval` must reach.

    says: in what `init` says, in notes or in its table of columns. options: of `init`.
    """

    write: Callable[[Random], bytes]
    target: str
    score: str = "r2"
    least: float = 0.9
    says: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    ending: str = ".csv"


ODD_FILES: dict[str, OddFile] = {}


def odd(name: str, target: str, **expected: object) -> Callable[[Callable[[Random], bytes]], None]:
    """Name a writer, and say what is expected of its file."""

    def add(write: Callable[[Random], bytes]) -> None:
        ODD_FILES[name] = OddFile(write, target, **expected)  # type: ignore[arg-type]

    return add


def lines(rows: Iterable[Row], delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(map(str, row)) + "\n" for row in rows).encode()


def areas(random: Random, rows: int = ROWS) -> list[tuple[float, int, float]]:
    """(area, rooms, price): the price follows from the other two."""
    made = []
    for area, rooms in zip(random.uniform(30, 200, rows), random.integers(1, 6, rows), strict=True):
        made.append((round(float(area), 1), int(rooms), round(10 * float(area) + 150 * int(rooms), 1)))
    return made


@odd("tickets", "survived", score="accuracy", least=0.85, says=("ticket",))
def _tickets(random: Random) -> bytes:
    sexes = random.choice(["f", "m"], ROWS)
    tickets = [random.choice(["PC 17599", "A/5 2", *map(str, range(3000, 3040))]) for _ in range(ROWS)]
    return lines([("ticket", "sex", "survived"), *((t, s, int(s == "f")) for t, s in zip(tickets, sexes, strict=True))])


@odd("names", "price", says=("name", "every row has another text"))
def _names(random: Random) -> bytes:
    return lines([("name", "area", "rooms", "price"), *((f"Guest {n}", *row) for n, row in enumerate(areas(random)))])


@odd("long texts", "price", says=("remarks", "free text"))
def _long_texts(random: Random) -> bytes:
    return lines(
        [("remarks", "area", "rooms", "price"), *(("lovely " * 40 + str(row[1]), *row) for row in areas(random))]
    )


@odd("line breaks", "price")
def _line_breaks(random: Random) -> bytes:
    cells = (f'"near the park\nfloor {n % 4}"' for n in range(ROWS))
    return lines(
        [("note", "area", "rooms", "price"), *((c, *row) for c, row in zip(cells, areas(random), strict=True))]
    )


@odd("cp1252", "Preis", least=0.75, says=("cp1252",))
def _cp1252(random: Random) -> bytes:
    towns = random.choice(["Köln", "Zürich", "Nürnberg"], ROWS)
    rows = [(town, _comma(area), _comma(price)) for town, (area, _, price) in zip(towns, areas(random), strict=True)]
    return lines([("Stadt", "Fläche", "Preis"), *rows], ";").decode().encode("cp1252")


def _comma(number: float) -> str:
    return str(number).replace(".", ",")


@odd("sep", "price", least=0.9)
def _sep(random: Random) -> bytes:
    return b"sep=;\n" + lines([("area", "rooms", "price"), *areas(random)], ";")


@odd("comments", "price")
def _comments(random: Random) -> bytes:
    return b"# exported from a till\n# 2024\n" + lines([("area", "rooms", "price"), *areas(random)])


@odd("title", "price")
def _title(random: Random) -> bytes:
    return b"Prices of flats\n\n" + lines([("area", "rooms", "price"), *areas(random)])


@odd("index", "price")
def _index(random: Random) -> bytes:
    return lines([("", "area", "rooms", "price"), *((n, *row) for n, row in enumerate(areas(random)))])


@odd("trailing commas", "price")
def _trailing(random: Random) -> bytes:
    return lines([("area", "rooms", "price", ""), *((*row, "") for row in areas(random))])


@odd("columns without names", "price", says=("columns 4, 5 have no name",))
def _nameless(random: Random) -> bytes:
    return lines([("area", "rooms", "price", "", ""), *((*row, "", "") for row in areas(random))], ";") + b";;;;\n" * 9


@odd("spaces", "price")
def _spaces(random: Random) -> bytes:
    return "".join(f"{a:>8} {r:>4}  {p:>9}\n" for a, r, p in [("area", "rooms", "price"), *areas(random)]).encode()


@odd("header over lines", "price")
def _header(random: Random) -> bytes:
    return lines([('"area\n(m2)"', "rooms", "price"), *areas(random)])


@odd("units", "price")
def _units(random: Random) -> bytes:
    return lines([("area", "rooms", "price"), ("(m2)", "", "(EUR)"), *areas(random)])


@odd("dollars", "rent", least=0.75)
def _dollars(random: Random) -> bytes:
    rows = [(area, f"{random.integers(1, 20)}%", f'"${price:,.0f}"') for area, _, price in areas(random)]
    return lines([("area", "discount", "rent"), *rows])


@odd("euros", "Preis", least=0.75)
def _euros(random: Random) -> bytes:
    german = str.maketrans(",.", ".,")
    rows = [(_comma(area), f"{price:,.2f} €".translate(german)) for area, _, price in areas(random)]
    return lines([("Fläche", "Preis"), *rows], ";")


@odd("apostrophes", "price")
def _apostrophes(random: Random) -> bytes:
    return lines(
        [("area", "price"), *((area, f"{1000 * area:,.0f}".replace(",", "'")) for area, _, _ in areas(random))]
    )


@odd("kilograms", "price")
def _kilograms(random: Random) -> bytes:
    weights = random.uniform(0.1, 9, ROWS)
    return lines([("weight", "price"), *((f"{weight:.3f} kg", f"{7 * weight:.2f}") for weight in weights)])


@odd("brackets", "double")
def _brackets(random: Random) -> bytes:
    balances = random.uniform(-900, 900, ROWS)
    rows = [(f"({-b:.2f})" if b < 0 else f"{b:.2f}", f"{2 * b + 3000:.1f}") for b in balances]
    return lines([("balance", "double"), *rows])


def dated(random: Random, written: str, *, odd_every: int = 0, word: str = "") -> bytes:
    """The price rises with the date."""
    rows = []
    for number, day in enumerate(random.integers(0, 1500, ROWS).tolist()):
        date = (datetime(2015, 1, 1) + timedelta(days=day)).strftime(written)
        rows.append((word if odd_every and number % odd_every == 1 else f'"{date}"', 5000 + 3 * day))
    return lines([("sold", "price"), *rows])


@odd("British dates", "price", says=("%d/%m/%Y",))
def _british(random: Random) -> bytes:
    return dated(random, "%d/%m/%Y")


@odd("American dates", "price", says=("%m/%d/%Y",))
def _american(random: Random) -> bytes:
    return dated(random, "%m/%d/%Y")


@odd("dates in words", "price")
def _in_words(random: Random) -> bytes:
    return dated(random, "%b %d, %Y")


@odd("unknown dates", "price", least=0.8)
def _unknown(random: Random) -> bytes:
    return dated(random, "%Y-%m-%d", odd_every=100, word="unknown")


@odd("no dates", "price", least=0.5)
def _no_dates(random: Random) -> bytes:
    return dated(random, "%Y-%m-%d", odd_every=5, word="0000-00-00")


@odd("NULL", "price", least=0.5, says=("NULL",))
def _null(random: Random) -> bytes:
    rows = [("NULL" if random.random() < 0.1 else area, rooms, price) for area, rooms, price in areas(random)]
    return lines([("area", "rooms", "price"), *rows])


@odd("None in yes and no", "price")
def _none(random: Random) -> bytes:
    garden = random.choice(["Yes", "No", "None"], ROWS, p=[0.45, 0.45, 0.1])
    rows = [(a, g, round(10 * a + 500 * (g == "Yes"))) for (a, _, _), g in zip(areas(random), garden, strict=True)]
    return lines([("area", "garden", "price"), *rows])


@odd("hours", "count")
def _hours(random: Random) -> bytes:
    rows = []
    for hour in range(24 * 60):
        moment = datetime(2023, 3, 1) + timedelta(hours=hour)
        busy = 100 + 80 * np.sin(2 * np.pi * moment.hour / 24) + (40 if moment.weekday() < 5 else 0)
        rows.append((moment.strftime("%Y-%m-%d %H:%M:%S"), round(random.uniform(0, 30), 1), round(busy)))
    return lines([("datetime", "temp", "count"), *rows])


@odd("house sales", "price", says=("zipcode", "category"))
def _sales(random: Random) -> bytes:
    rows = []
    for area, rooms, price in areas(random, 600):
        place = int(random.integers(0, 12))
        day = datetime(2014, 5, 2) + timedelta(days=int(random.integers(0, 380)))
        rows.append(
            (random.integers(10**9), day.strftime("%Y%m%dT000000"), area, rooms, 98001 + 7 * place, price + 90 * place)
        )
    return lines([("id", "date", "sqft", "bedrooms", "zipcode", "price"), *rows])


@odd("header again", "price")
def _again(random: Random) -> bytes:
    rows = areas(random)
    return lines([("area", "rooms", "price"), *rows[:150], ("area", "rooms", "price"), *rows[150:]])


@odd("blank lines", "price")
def _blank(random: Random) -> bytes:
    return lines([("area", "rooms", "price"), *areas(random)]).replace(b"\n", b"\n\n")


@odd("fifteen rows", "late", score="accuracy", least=0.0)
def _fifteen(random: Random) -> bytes:
    return lines([("minutes", "late"), *((m, int(m > 30)) for m in random.integers(0, 60, 15).tolist())])


@odd("minus one and one", "label", score="accuracy", least=0.85)
def _signs(random: Random) -> bytes:
    return lines([("x", "label"), *((round(x, 3), 1 if x > 0 else -1) for x in random.normal(size=ROWS).tolist())])


@odd("plus and minus", "approved", score="accuracy", least=0.85, says=("yes_no",))
def _plus(random: Random) -> bytes:
    return lines(
        [("x", "approved"), *((round(x, 3), "+" if x > 0 else "-") for x in random.normal(size=ROWS).tolist())]
    )


@odd("rows without a target", "price")
def _without_target(random: Random) -> bytes:
    rows = [(a, r, "" if n % 25 == 3 else p) for n, (a, r, p) in enumerate(areas(random))]
    return lines([("area", "rooms", "price"), *rows])


@odd("UTF-16", "price")
def _utf16(random: Random) -> bytes:
    return lines([("area", "rooms", "price"), *areas(random)], "\t").decode().encode("utf-16")


@odd("question marks", "price", options=("--missing", "-999"))
def _question(random: Random) -> bytes:
    rows = [("?" if n % 20 == 3 else a, -999 if n % 50 == 7 else r, p) for n, (a, r, p) in enumerate(areas(random))]
    return lines([("area", "rooms", "price"), *rows])


@odd("Parquet of strings", "amount", ending=".parquet")
def _parquet(random: Random) -> bytes:
    import io

    import pyarrow
    import pyarrow.parquet

    days = random.integers(0, 900, ROWS).tolist()
    dates = [(datetime(2018, 1, 1) + timedelta(days=day)).strftime("%Y-%m-%d") for day in days]
    active = random.choice(["Yes", "No"], ROWS).tolist()
    amounts = [f"{0.01 * day + 4 * (word == 'Yes') + 1:.4f}" for day, word in zip(days, active, strict=True)]
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"sold": dates, "active": active, "amount": amounts}), file)
    return file.getvalue()


def write_odd_file(folder: Path, name: str, seed: int = 0) -> Path:
    """Write the file of this name; returns its path."""
    made = ODD_FILES[name]
    path = folder / f"{name.replace(' ', '_')}{made.ending}"
    path.write_bytes(made.write(np.random.default_rng(seed)))
    return path
