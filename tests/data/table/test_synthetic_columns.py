"""Two hundred columns in people's spellings: each is read as what it is, or something is said of it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from nnctl.data.formats.csv import CSV
from nnctl.data.table.table import Table
from tests.support.synthetic_columns import MISSING, ODD, ROWS, SyntheticColumn, synthetic_columns

LEAST = 0.975  # of the columns: 195 of 200


def read(columns: list[SyntheticColumn], file: Path) -> Table:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow([column.name.replace(",", " and") for column in columns])
        writer.writerows(zip(*(column.cells for column in columns), strict=True))
    source = CSV.model_construct(source=str(file), target=[])
    return source.table(file, {}, None, lenient=True)


@pytest.mark.parametrize("seed", [0, 1])
def test_kinds_of_two_hundred_columns(tmp_path: Path, seed: int) -> None:
    columns = list(synthetic_columns(seed))
    table = read(columns, tmp_path / "columns.csv")
    wrong = {
        made.name: found.kind for made, found in zip(columns, table.columns, strict=True) if found.kind != made.kind
    }
    assert len(columns) >= 200
    assert len(wrong) <= (1 - LEAST) * len(columns), wrong
    told = " ".join(table.notes)
    values = {column.name: column.kind for column in columns if column.kind in ("number", "date")}
    words = [name for name, kind in wrong.items() if name in values and kind == "category"]
    assert all(name.replace(",", " and") in told for name in words), words


def test_gaps_and_odd_cells_are_missing_and_nothing_else(tmp_path: Path) -> None:
    columns = [column for column in synthetic_columns() if column.kind in ("number", "date")]
    table = read(columns, tmp_path / "columns.csv")
    for made, found in zip(columns, table.columns, strict=True):
        if found.kind != made.kind:
            continue
        gaps = sum(cell.strip() in MISSING for cell in made.cells)
        assert found.odd == (round(ODD * ROWS) if made.name.endswith("odd") else 0), made.name
        assert int(np.count_nonzero(found.missing)) == gaps + found.odd, made.name
