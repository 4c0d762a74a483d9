"""Nothing of the validation and test rows gets into what is learnt: whatever they hold, the weights are the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

from nnctl.data.dataset import open_dataset
from tests.support.command import report_of
from tests.support.sources import source

CONFIG = """
name: run
seed: 4
data:
  source: data.csv
  target: price
  features: {exclude: [row, part]}
  columns:
    area: {clip: 0.05, transform: log1p}
    age: {scale: min_max, missing: mean}
    street: {encoding: embedding}
  categories: {rare: 3}
  target_transform: [log, standard]
layers: [{type: linear, out_features: 4, activation: tanh}, {type: linear, out_features: 1}]
loss: mse
batch_size: 16
epochs: 3
"""
SPLITS = {
    "fractions": {"validation": 0.2, "test": 0.25},
    "rules": {"validation": {"column": "part", "equals": "later"}, "test": {"column": "part", "equals": "last"}},
    "fold": {"validation": 0.2, "fold": {"number": 2, "folds": 4}},
}
HEADER = "row,part,area,age,street,garden,sold,price"
ROWS = 80


def houses() -> list[str]:
    """Rows of every kind of column, with some values missing."""
    random = np.random.default_rng(3)
    rows = []
    for row in range(ROWS):
        part = "first" if row < 50 else "later" if row < 65 else "last"
        area, street = random.uniform(20, 200), random.choice(list("abcdefgh"))
        age = "" if row % 9 == 4 else random.integers(0, 90)
        garden, price = ("yes", "no")[row % 2], 1000 * area * random.uniform(0.8, 1.2)
        rows.append(f"{row},{part},{area:.3f},{age},{street},{garden},20{row % 20 + 10}-01-31,{price:.2f}")
    return rows


def changed(line: str) -> str:
    """The row with everything else in it: values that are missing, unseen, huge or tiny."""
    row, part, *_ = line.split(",")
    way = int(row) % 3
    area, street, garden = ("9e9", "-0.5", "")[way], ("", "nowhere", "a")[way], ("yes", "", "no")[way]
    return f"{row},{part},{area},{1000 * way},{street},{garden},1970-01-01,{int(row) + 0.001}"


def training_rows(folder: Path, splits: dict[str, object]) -> set[int]:
    """The numbers of the rows that are trained on."""
    value = {"source": "data.csv", "target": "price", "features": ["row"], "numbers": {"scale": "none"}, **splits}
    return set(open_dataset(source(value, folder), "values", 4, "float64").train.inputs[:, 0].astype(int).tolist())


def trained(folder: Path, splits: dict[str, object]) -> dict[str, bytes]:
    """The tensors after training."""
    config = yaml.safe_load(CONFIG)
    config["data"] |= splits
    (folder / "run.yaml").write_text(yaml.safe_dump(config))
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    tensors = load_file(folder / "run" / "checkpoints" / "last.safetensors")
    return {name: tensor.tobytes() for name, tensor in tensors.items()}


@pytest.mark.parametrize("name", SPLITS)
def test_other_values_in_other_rows_leave_every_bit_of_the_weights(tmp_path: Path, name: str) -> None:
    rows, weights = houses(), []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        (folder / "data.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        learnt_from = training_rows(folder, SPLITS[name])
        assert 40 <= len(learnt_from) < ROWS
        weights.append(trained(folder, SPLITS[name]))
        rows = [line if row in learnt_from else changed(line) for row, line in enumerate(rows)]
    assert weights[0] == weights[1]
    assert "layers.0.weight" in weights[0]


def test_another_value_in_a_training_row_changes_them(tmp_path: Path) -> None:
    """So that the test above can fail."""
    rows, weights = houses(), []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        (folder / "data.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        weights.append(trained(folder, SPLITS["rules"]))
        rows[7] = changed(rows[7])
    assert weights[0] != weights[1]
