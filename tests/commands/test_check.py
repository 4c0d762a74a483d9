"""`nnctl check`: everything but the training."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import CONFIGS, DATA, nnctl, report_of

PENGUINS = f"""
data:
  source: {DATA}/penguins.csv
  target: species
  validation: 0.1
  test: 0.1
  columns:
    island: {{encoding: embedding, size: 2}}
    year: {{scale: none}}
    body_mass_g: {{clip: 0.01, transform: log1p}}
layers: [{{type: linear, out_features: 3}}]
loss: cross_entropy
"""
AMES = f"""
data: {{source: {DATA}/ames.csv, target: Sale_Price, target_transform: [log, standard]}}
layers: [{{type: linear, out_features: 1}}]
loss: mse
"""


def test_the_layers_of_the_default_example(tmp_path: Path) -> None:
    report = report_of(
        *("check", CONFIGS / "mnist_cnn.yaml", "layers.0.out_channels=6", "layers.2.out_channels=16"), cwd=tmp_path
    )
    layers = {layer["name"]: layer for layer in report["layers"]}
    assert layers["layers.0"]["outputs"] == [28, 28, 6]
    assert layers["layers.0"]["parameters"] == 5 * 5 * 1 * 6 + 6
    assert layers["layers.0"]["multiply_adds"] == 28 * 28 * 5 * 5 * 1 * 6
    assert layers["layers.1"]["outputs"] == [14, 14, 6]
    assert layers["layers.2"]["multiply_adds"] == 14 * 14 * 5 * 5 * 6 * 16
    assert layers["layers.5"]["parameters"] == 7 * 7 * 16 * 128 + 128
    assert report["parameters"] == sum(layer["parameters"] for layer in report["layers"])
    assert report["multiply_adds"] == sum(layer["multiply_adds"] for layer in report["layers"])
    assert report["memory"] > 4 * 4 * report["parameters"]
    train = report["data"]["splits"]["train"]
    assert train["samples"] == 10_000
    assert train["classes"] == {str(digit): 1000 for digit in range(10)}
    assert train["missing"] == 0
    assert (train["inputs"]["min"], train["inputs"]["max"]) == (0.0, 1.0)
    assert not (tmp_path / "runs").exists()


def test_the_tables(tmp_path: Path) -> None:
    done = nnctl("check", CONFIGS / "function.yaml", cwd=tmp_path)
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["layers.0", "linear", "32", "64", "32"] in rows
    assert ["total", "1,153", "1,088", "a", "sample"] in rows
    assert any(row[:2] == ["train", "160"] for row in rows)
    assert any(row[:2] == ["validation", "y"] for row in rows)


def test_notes_tell_what_is_odd_but_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("a,b,y\n1,7,1\n2,7,2\n3,7,3\n1,7,1\n")
    (tmp_path / "odd.yaml").write_text(
        "data: {source: odd.csv, target: y, test: odd.csv}\n"
        "layers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 2\n"
    )
    done = nnctl("check", "odd.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "constant in the training samples: b" in done.stderr
    assert "all 4 test samples have the same inputs as a training sample" in done.stderr


def test_the_columns_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(PENGUINS)
    data = report_of("check", "run.yaml", cwd=tmp_path)["data"]
    columns = {column.pop("name"): column for column in data["columns"]}
    assert {name: (column["type"], column["enters"]) for name, column in columns.items()} == {
        "island": ("category", "embedding 4 × 2"),
        "bill_length_mm": ("number", "standardized, indicator"),
        "bill_depth_mm": ("number", "standardized, indicator"),
        "flipper_length_mm": ("number", "standardized, indicator"),
        "body_mass_g": ("number", "clipped, log1p, standardized, indicator"),
        "sex": ("category", "one-hot of 3"),
        "year": ("number", "as it is"),
    }
    assert sum(columns["sex"]["missing"].values()) == 11
    for name, split in data["splits"].items():
        assert split["missing"] == sum(column["missing"][name] for column in columns.values())
        assert split["inputs"]["max"] in (2007, 2008, 2009)  # of year; numbers of slots are none
    assert sum(split["missing"] for split in data["splits"].values()) == 4 * 2 + 11


def test_targets_are_told_in_their_own_units(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(AMES)
    (target,) = report_of("check", "run.yaml", cwd=tmp_path)["data"]["splits"]["train"]["targets"]
    assert target["name"] == "Sale_Price"
    assert (target["min"], target["max"]) == pytest.approx((12_789, 755_000), rel=1e-6)
    assert target["mean"] == pytest.approx(180_796.06, rel=1e-6)


def test_the_columns_in_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(PENGUINS)
    done = nnctl("check", "run.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "column type enters as missing in train in validation in test" in lines
    assert "island category embedding 4 × 2" in lines
    assert any(line.startswith("sex category one-hot of 3 ") for line in lines)


def test_no_more_than_forty_columns_and_their_names_as_they_are(tmp_path: Path) -> None:
    names = ["[red]", *(f"x{number}" for number in range(49))]
    rows = [",".join(map(str, (*range(row, row + 50), row))) for row in range(3)]
    (tmp_path / "wide.csv").write_text("\n".join([",".join([*names, "[/y]"]), *rows]) + "\n")
    (tmp_path / "run.yaml").write_text(
        "data: {source: wide.csv, target: '[/y]'}\n"
        "layers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 1\n"
    )
    done = nnctl("check", "run.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "[red] number standardized" in lines
    assert any(line.startswith("train [/y] ") for line in lines)
    assert "x38 number standardized" in lines
    assert "x39 number standardized" not in lines
    assert "… 10 more" in lines
    assert len(report_of("check", "run.yaml", cwd=tmp_path)["data"]["columns"]) == 50
