"""Tables from end to end: the two examples are as good as they should be, and what `init` drafts is as good as they."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
import yaml

from tests.support.command import CONFIGS, DATA, checkpoints_of, nnctl, report_of, rows_of

KINDS = 40  # enough for an embedding
ROWS = 300
MIXED = """
name: mixed
data:
  source: mixed.csv
  target: [price, rent]
  id: house
  target_transform: [log, standard]
  validation: 0.1
  test: 0.1
layers: [{type: linear, out_features: 16, activation: silu}, {type: linear, out_features: 2}]
loss: mse
optimizer: adam
learning_rate: 0.01
batch_size: 16
epochs: 20
"""


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """The metrics of configs/ames.yaml on its test samples."""
    return metrics_of(CONFIGS / "ames.yaml", tmp_path_factory.mktemp("ames"))


def metrics_of(config: str | Path, folder: Path, *overrides: str) -> dict[str, float]:
    """Train, then measure."""
    report_of("train", config, *overrides, "--run", "run", "-q", cwd=folder)
    metrics: dict[str, float] = report_of("eval", "run", cwd=folder)["metrics"]
    return metrics


def accuracy_over_folds(config: str | Path, folder: Path) -> float:
    report = report_of("train", config, "--folds", "5", "--run", "run", "-q", cwd=folder)
    return float(np.mean([fold["metrics"]["accuracy"] for fold in report["folds"]]))


def drafted(table: str, target: str, folder: Path) -> Path:
    """The config that `nnctl init` writes for one of the tables here, beside a copy of it."""
    shutil.copy(DATA / table, folder)
    report_of("init", table, "--target", target, "-o", "drafted.yaml", cwd=folder)
    return folder / "drafted.yaml"


def test_houses(houses: dict[str, float]) -> None:
    assert houses["rmsle"] <= 0.130
    assert houses["r2"] >= 0.88
    assert 15_000 < houses["mae"] < houses["rmse"] < 25_000  # dollars


@pytest.mark.slow
def test_what_init_drafts_for_houses_is_as_good(houses: dict[str, float], tmp_path: Path) -> None:
    own = metrics_of(drafted("ames.csv", "Sale_Price", tmp_path), tmp_path)
    assert own["rmsle"] <= 1.02 * houses["rmsle"]
    assert own["r2"] >= 0.98 * houses["r2"]


@pytest.mark.slow
def test_penguins_and_what_init_drafts_for_them(tmp_path: Path) -> None:
    """Over five folds: of the 34 test samples of one split a single one is 3 %."""
    for name in ("shipped", "own"):
        (tmp_path / name).mkdir()
    shipped = accuracy_over_folds(CONFIGS / "penguins.yaml", tmp_path / "shipped")
    own = accuracy_over_folds(drafted("penguins.csv", "species", tmp_path / "own"), tmp_path / "own")
    assert shipped >= 0.98
    assert own >= 0.98 * shipped


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one table in three formats and a config, and a run of it: every kind of column, two targets."""
    folder = tmp_path_factory.mktemp("mixed")
    random = np.random.default_rng(0)
    lines = ["house,area,street,garden,sold,state,price,rent"]
    for row in range(ROWS):
        area, street, garden = random.uniform(50, 250), row % KINDS, row % 3 == 0
        price = area * (1 + street / KINDS) * (1.2 if garden else 1) * 1000
        cells = [f"h{row}", f"{area:.1f}", f"street {street}", "yes" if garden else "no", f"2010-03-{row % 28 + 1:02}"]
        cells += [("new", "old", "")[row % 3], f"{price:.0f}", f"{price / 250:.2f}"]
        if row % 10 == 9:
            cells[1] = "NA"
        lines.append(",".join(cells))
    text = "\n".join(lines) + "\n"
    (folder / "mixed.csv").write_text(text)
    (folder / "mixed.tsv.gz").write_bytes(gzip.compress(text.replace(",", "\t").encode()))
    bools = pyarrow.csv.ConvertOptions(
        column_types={"garden": pyarrow.bool_()}, true_values=["yes"], false_values=["no"], strings_can_be_null=True
    )
    table = pyarrow.csv.read_csv(folder / "mixed.csv", convert_options=bools)
    assert table.schema.field("sold").type == pyarrow.date32()
    pyarrow.parquet.write_table(table, folder / "mixed.parquet")
    (folder / "mixed.yaml").write_text(MIXED)
    report_of("train", "mixed.yaml", "--run", "run", "-q", cwd=folder)
    return folder


def test_check_shows_how_each_column_enters(mixed: Path) -> None:
    lines = [line.split() for line in nnctl("check", "mixed.yaml", cwd=mixed).stdout.splitlines()]
    starts = {line[0]: line[1] for line in lines if len(line) > 1}
    assert {name: starts[name] for name in ("area", "street", "garden", "sold", "state")} == {
        **{"area": "number", "street": "category", "garden": "yes_no", "sold": "date", "state": "category"},
    }


def test_every_kind_of_column_is_learnt_from(mixed: Path) -> None:
    metrics = report_of("eval", "run", cwd=mixed)["metrics"]
    assert metrics["r2"] > 0.5
    assert metrics["rmse"] > 1_000  # in the targets' own units


def test_the_resolved_config_lists_every_column_and_runs_again_to_the_same_bits(mixed: Path, tmp_path: Path) -> None:
    resolved: dict[str, Any] = yaml.safe_load((mixed / "run" / "config.yaml").read_text())["data"]
    assert resolved["target"] == ["price", "rent"]
    columns = resolved["columns"]
    assert columns["area"] == {
        **{"type": "number", "decimal": ".", "unit": "", "missing": "median", "indicator": True},
        **{"clip": "none", "transform": "none", "scale": "standard"},
    }
    assert (columns["street"]["encoding"], columns["state"]["encoding"]) == ("embedding", "one_hot")
    assert columns["street"]["size"] == 13  # round(1.6 * 41 ** 0.56)
    report_of("train", mixed / "run" / "config.yaml", "--run", "again", "-q", cwd=tmp_path)
    assert rows_of(tmp_path / "again") == rows_of(mixed / "run")


@pytest.mark.parametrize("file", ["mixed.tsv.gz", "mixed.parquet"])
def test_another_format_of_the_same_table_gives_the_same_bits(file: str, mixed: Path, tmp_path: Path) -> None:
    report_of("train", mixed / "mixed.yaml", f"data.source={file}", "--run", tmp_path / "run", "-q", cwd=mixed)
    assert rows_of(tmp_path / "run") == rows_of(mixed / "run")
    assert report_of("eval", tmp_path / "run", cwd=mixed)["metrics"] == report_of("eval", "run", cwd=mixed)["metrics"]


def test_what_is_set_of_columns_changes_what_is_learnt(mixed: Path, tmp_path: Path) -> None:
    settings = ["data.columns={street: {type: category, encoding: one_hot, rare: 5}}", "data.numbers.missing=mean"]
    report_of("train", mixed / "mixed.yaml", *settings, "--run", tmp_path / "run", "-q", cwd=mixed)
    assert checkpoints_of(tmp_path / "run") != checkpoints_of(mixed / "run")
    resolved = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"]["columns"]
    assert (resolved["street"]["encoding"], resolved["street"]["rare"]) == ("one_hot", 5)
    assert (resolved["area"]["missing"], resolved["sold"]["missing"]) == ("mean", "mean")
