"""One table in the spellings of many people: it trains to the same metrics, bit for bit."""

from __future__ import annotations

import csv
import gzip
import io
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.command import nnctl, report_of

CONFIG = """
data: {source: FILE, target: price, validation: 0.2}
layers: [{type: linear, out_features: 8, activation: relu}, {type: linear, out_features: 1}]
loss: mse
batch_size: 20
epochs: 3
metrics: [r2]
"""
COLUMNS = ("sold", "area", "share", "shop", "garden", "price")

Row = dict[str, Any]


def _rows() -> list[Row]:
    random = np.random.default_rng(3)
    rows = []
    for number in range(120):
        area = int(random.integers(20, 2000)) / 4
        rows.append(
            {
                "sold": None if number == 50 else date(2018, 1, 25) + timedelta(int(random.integers(0, 700))),
                "area": None if number == 7 else area,
                "share": int(random.integers(1, 99)),
                "shop": None if number == 9 else f"Köln {random.integers(3)}",
                "garden": None if number == 11 else bool(random.integers(2)),
                "price": round(1000 + 37 * area + float(random.integers(100)) / 4, 2),
            }
        )
    return rows


ROWS = _rows()


def delimited(
    delimiter: str = ",",
    *,
    missing: str = "",
    sold: str = "%Y-%m-%d",
    area: Callable[[float], str] = str,
    share: str = "{}",
    garden: tuple[str, str] = ("no", "yes"),
    price: Callable[[float], str] = str,
) -> str:
    """The table as text."""
    write: dict[str, Callable[[Any], str]] = {
        "sold": lambda value: value.strftime(sold),
        "area": area,
        "share": share.format,
        "shop": str,
        "garden": lambda value: garden[value],
        "price": price,
    }
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in ROWS:
        writer.writerow([missing if row[name] is None else write[name](row[name]) for name in COLUMNS])
    return file.getvalue()


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


PLAIN = delimited()
SPELLINGS: dict[str, str | bytes] = {
    "money, percent, European dates": delimited(
        sold="%d/%m/%Y", share="{}%", price=lambda value: f"${value:,.2f}", missing="NULL"
    ),
    "American dates and truth values": delimited(
        sold="%m/%d/%Y", garden=("FALSE", "TRUE"), price="USD {:,.2f}".format, missing="None"
    ),
    "German, in the encoding of Windows": delimited(
        ";", sold="%d.%m.%Y", area=german, price=lambda value: f"{german(value)} €", garden=("Nein", "Ja"), missing="-"
    ).encode("cp1252"),
    "spaces between thousands": delimited(
        ";", sold="%d-%b-%y", price=lambda value: f"{value:,.2f}".replace(",", "\u202f"), missing="#N/A"
    ),
    "apostrophes and units": delimited(
        "\t",
        sold="%b %d, %Y",
        area="{} m²".format,
        price=lambda value: f"CHF {value:,.2f}".replace(",", "'"),
        missing="nan",
    ),
    "dates without separators": delimited("|", sold="%Y%m%d", garden=("n", "Y"), missing="?"),
    "times": delimited(sold="%Y-%m-%dT00:00:00Z", garden=("off", "ON"), missing="N/A"),
    "times of a spreadsheet": delimited(sold="%m/%d/%Y 0:00", missing="(missing)"),
    "a separator, in UTF-16": ("sep=;\n" + delimited(";")).encode("utf-16"),
    "UTF-16 that does not say so": delimited().encode("utf-16-le"),
    "comments and blank lines": "# from the shop\n# 2018\n\n" + PLAIN.replace("\n", "\n\n"),
    "a title": "Prices\nof 2018\n" + PLAIN,
    "units below the header": PLAIN.replace("price\n", "price\n,(m2),(%),,,(EUR)\n", 1),
    "an index without a name": "".join(f"{n or ''},{line}\n" for n, line in enumerate(PLAIN.splitlines())),
    "a delimiter at every end": PLAIN.replace("\n", ",\n"),
    "the header again": PLAIN + PLAIN.partition("\n")[0] + "\n",
    "names over two lines": PLAIN.replace("price\n", '"price\n"\n', 1),
    "delimiters behind the last column": PLAIN.replace("\n", ",,,\n"),
    "a column without name or values": "\n".join(line.replace(",", ",,", 1) for line in PLAIN.splitlines()),
    "rows without anything": PLAIN + ",,,,,\n" * 3,
    "letters in two parts": unicodedata.normalize("NFD", PLAIN),
    "invisible marks in names": PLAIN.replace("sold", "\ufeffsold\u200b", 1),
    "UTF-32": PLAIN.encode("utf-32"),
    "no dates as databases have them": delimited(missing="0000-00-00", price=lambda value: f"{value:.6E}"),
    "powers with decimal commas": delimited(
        ";", missing="[NULL]", price=lambda value: f"{value:.6E}".replace(".", ",")
    ),
    "everything in quotes": "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in PLAIN.splitlines()),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    return metrics(tmp_path_factory.mktemp("plain"), PLAIN)


def metrics(folder: Path, content: str | bytes, name: str = "data.csv") -> dict[str, float]:
    if content:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "run.yaml").write_text(CONFIG.replace("FILE", name))
    found: dict[str, float] = report_of("train", "run.yaml", "--run", "run", cwd=folder)["metrics"]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_table_trains_alike_however_it_is_written(tmp_path: Path, expected: dict[str, float], spelling: str) -> None:
    assert metrics(tmp_path, SPELLINGS[spelling]) == expected


def write_parquet(file: Path, *, as_text: bool) -> None:
    columns = {name: [row[name] for row in ROWS] for name in COLUMNS}
    if as_text:
        columns = {name: [None if cell is None else str(cell) for cell in cells] for name, cells in columns.items()}
    pq.write_table(pa.table(columns), file)


@pytest.mark.parametrize("as_text", [True, False])
def test_parquet_trains_alike(tmp_path: Path, expected: dict[str, float], as_text: bool) -> None:
    write_parquet(tmp_path / "data.parquet", as_text=as_text)
    assert metrics(tmp_path, "", "data.parquet") == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "other", "as_text"),
    [("data.csv", "same.parquet", False), ("data.parquet", "same.tsv.gz", True)],
)
def test_files_of_other_formats_are_read_alike(tmp_path: Path, source: str, other: str, as_text: bool) -> None:
    for name in (source, other):
        if name.endswith(".parquet"):
            write_parquet(tmp_path / name, as_text=as_text)
    (tmp_path / source.replace(".parquet", ".csv")).write_text(PLAIN)
    (tmp_path / "same.tsv.gz").write_bytes(gzip.compress(PLAIN.replace(",", "\t").encode(), mtime=0))
    (tmp_path / "run.yaml").write_text(CONFIG.replace("FILE", source).replace("0.2", other))
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    first, second, validation = (
        report_of("eval", "run", *arguments, cwd=tmp_path)["metrics"]
        for arguments in (("--data", source), ("--data", other), ("--split", "validation"))
    )
    assert first == second == validation
    assert nnctl("predict", "run", source, cwd=tmp_path).stdout == nnctl("predict", "run", other, cwd=tmp_path).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("own", "declared", "others", "town"),
    [
        ("cp1252", "null", ["utf-8", "utf-16"], "Köln"),
        ("utf-8", "null", ["cp1252", "utf-8-sig", "utf-16-be"], "Köln"),
        ("cp1252", "cp1252", ["utf-8", "utf-16"], "Köln"),
        ("cp1251", "cp1251", ["utf-8"], "Москва"),
        ("shift_jis", "shift_jis", ["utf-8", "utf-32"], "東京"),
        ("gb18030", "gb18030", ["utf-8"], "北京市"),
        ("utf-16", "utf-16", ["utf-8"], "Köln"),
    ],
)
def test_the_same_rows_in_another_encoding_are_evaluated_alike(
    tmp_path: Path, own: str, declared: str, others: list[str], town: str
) -> None:
    text = delimited(";", sold="%d.%m.%Y", area=german, price=german).replace("Köln", town)
    (tmp_path / "run.yaml").write_text(CONFIG.replace("FILE", "data.csv"))
    (tmp_path / "data.csv").write_bytes(text.encode(own))
    report_of("train", "run.yaml", f"data.encoding={declared}", "--run", "run", cwd=tmp_path)
    same = report_of("eval", "run", "--data", "data.csv", cwd=tmp_path)["metrics"]
    for other in others:
        (tmp_path / "other.csv").write_bytes(text.encode(other))
        report = report_of("eval", "run", "--data", "other.csv", cwd=tmp_path)
        assert report["metrics"] == same, other
        assert len(report["notes"]) == (declared != "null" or other in ("cp1252", "utf-16-be")), report["notes"]


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        ("x,y\n1_000,1\nb,2\n", {"x": "category"}),
        ("x,y\n2 doors,1\n4 doors,2\nestate,3\n", {"x": "category"}),
        ("x,z,y\n1.0,a,1\n2,b,2\n", {"x": "number", "z": "category"}),
        ("x;z;y\n1.250;01.02.2024;1\n950;13.02.2024;2\n12.400;1.3.2024;3\n3.100;;4\n", {"x": "number", "z": "date"}),
        ("x,y\n(12),1\n5,2\n7-,3\n", {"x": "number"}),
        ("x,y\nyes,1\nNO,2\nn/a,3\nY,4\n", {"x": "yes_no"}),
    ],
)
def test_kinds_as_check_reports_them(tmp_path: Path, content: str, kinds: dict[str, str]) -> None:
    (tmp_path / "data.csv").write_text(content)
    config = CONFIG.replace("FILE", "data.csv").replace("price, validation: 0.2", "y").replace("20", "2")
    (tmp_path / "run.yaml").write_text(config)
    columns = report_of("check", "run.yaml", cwd=tmp_path)["data"]["columns"]
    assert {column["name"]: column["type"] for column in columns} == kinds
