"""What training tells of inputs that are suspect, by the real command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.command import report_of

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
