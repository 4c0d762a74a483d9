"""What training tells of inputs that are suspect, by the real command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.command import nnctl, report_of

RANDOM = np.random.default_rng(0)
ROWS = 60
CONFIG = """
data: {source: data.csv, target: y, validation: 0.2}
layers: [{type: linear, out_features: OUTPUTS}]
loss: LOSS
batch_size: 8
epochs: 1
"""
AMOUNTS = [f"{value:.2f}" for value in RANDOM.uniform(10, 90, ROWS)]
KINDS = [("low", "middle", "high")[row] for row in RANDOM.integers(0, 3, ROWS)]
NOISE = [f"{value:.3f}" for value in RANDOM.normal(size=ROWS)]


def notes_on(folder: Path, columns: dict[str, list[str]], loss: str, outputs: int) -> list[str]:
    lines = [",".join(cells) for cells in zip(*columns.values(), strict=True)]
    (folder / "data.csv").write_text("\n".join([",".join(columns), *lines]) + "\n")
    (folder / "run.yaml").write_text(CONFIG.replace("OUTPUTS", str(outputs)).replace("LOSS", loss))
    notes: list[str] = report_of("check", "run.yaml", cwd=folder)["notes"]
    return notes


@pytest.mark.parametrize(
    ("name", "cells", "target", "what"),
    [
        ("copy", AMOUNTS, AMOUNTS, "copy tells the target y exactly in all training samples"),
        ("cents", [cell.replace(".", "") for cell in AMOUNTS], AMOUNTS, "cents tells the target y exactly"),
        ("code", [kind[0].upper() for kind in KINDS], KINDS, "code tells the target y exactly"),
        ("level", [str(len(kind)) for kind in KINDS], KINDS, "level tells the target y exactly"),
        ("row", [str(row + 1) for row in range(ROWS)], KINDS, "row has another number in every row"),
        ("ticket", [f"PC {row * 7}" for row in range(ROWS)], AMOUNTS, "ticket has another text in every row"),
    ],
)
def test_suspects_are_told(tmp_path: Path, name: str, cells: list[str], target: list[str], what: str) -> None:
    loss, outputs = ("mse", 1) if target is AMOUNTS else ("cross_entropy", 3)
    found = notes_on(tmp_path, {name: cells, "x": NOISE, "y": target}, loss, outputs)
    assert any(note.startswith(what) for note in found), found
    assert len([note for note in found if "exactly" in note or "in every row" in note]) == 1


def test_what_is_not_suspect_is_not_told(tmp_path: Path) -> None:
    columns = {"x": NOISE, "k": KINDS, "year": [str(1990 + row % 20) for row in range(ROWS)], "y": AMOUNTS}
    assert notes_on(tmp_path, columns, "mse", 1) == []


def test_values_that_may_mean_missing_are_told_until_they_do(tmp_path: Path) -> None:
    days = ["1.1.1900" if row % 9 == 4 else f"{row % 28 + 1}.3.2024" for row in range(ROWS)]
    columns = {"a": ["-999" if row % 9 == 2 else cell for row, cell in enumerate(AMOUNTS)], "d": days, "y": NOISE}
    (told,) = notes_on(tmp_path, {name: columns[name] for name in ("a", "y")}, "mse", 1)
    assert told.endswith("far from all others: a (-999 in 7); where it means missing, set `missing: [-999]`")
    assert report_of("check", "run.yaml", "data.missing=[-999]", cwd=tmp_path)["notes"] == []

    notes_on(tmp_path, columns, "mse", 1)
    init = ("init", "data.csv", "--target", "y")
    told = nnctl(*init, cwd=tmp_path).stderr
    assert "a (-999 in 7), d (1900-01-01 in 7); where it means missing, add --missing -999 --missing 1900-01-01" in told
    for day in ("1900-01-01", "01.01.1900"):
        assert "far from" not in nnctl(*init, "--missing", "-999", "--missing", day, cwd=tmp_path).stderr
