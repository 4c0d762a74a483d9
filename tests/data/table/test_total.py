"""A last row that calls itself a total is told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.data.table.delimited import read_delimited


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ("a,1\nb,2\nTotal,3\n", "the last row, in line 4, may be the total of the others (k: 'Total'): then remove it"),
        ("a,1\nb,2\nGrand total:,3\n", "the last row, in line 4, may be the total of the others (k: 'Grand total:')"),
        ("a,1\nb,2\nsumme,3\n", "the last row, in line 4"),
        ("a,1\nTotal,2\nb,3\n", ""),  # not the last
        ("a,1\nTotal,1\nb,2\nTotal,2\n", ""),  # a category
        ("a,1\nb,2\nTotally,3\n", ""),
        ("a,1\nb,2\n,3\n", ""),
    ],
)
def test_the_last_row(tmp_path: Path, rows: str, note: str) -> None:
    (tmp_path / "t.csv").write_text("k,x\n" + rows)
    table = read_delimited(tmp_path / "t.csv")
    assert len(table) == rows.count("\n")
    assert bool(table.notes) == bool(note)
    assert "".join(table.notes).startswith(note)
