"""27 positives among 3,000 rows: with `class_weight: balanced` they are found, as by scikit-learn."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import nnctl, report_of
from tests.support.kind_check import GOLDEN
from tests.support.rare import rare, roc_auc, write_rare

CONFIG = """name: ill
data: {source: ill.csv, target: state, test: {column: part, equals: test}}
class_weight: balanced
layers: [{type: linear, out_features: 2}]
loss: cross_entropy
optimizer: {type: adamw, weight_decay: 0.1}
learning_rate: 0.02
schedule: cosine
batch_size: 500
epochs: 200
metrics: [recall]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rare")
    write_rare(folder / "ill.csv")
    (folder / "ill.yaml").write_text(CONFIG)
    return folder


def measured(folder: Path, run: str, *settings: str) -> tuple[float, float]:
    """Area under the ROC curve, and recall of the sick, of the test rows."""
    report_of("train", "ill.yaml", "--run", run, *settings, cwd=folder)
    sick = next(row for row in report_of("eval", run, cwd=folder)["by_class"] if row["class"] == "sick")
    predicted = csv.DictReader(io.StringIO(nnctl("predict", run, "ill.csv", cwd=folder).stdout))
    probabilities = np.array([float(row["probability_sick"]) for row in predicted])
    _, targets, tested = rare()
    return roc_auc(probabilities[tested], targets[tested]), sick["recall"]


@pytest.mark.parametrize("seed", [0, 1])
def test_balanced_classes_are_found(folder: Path, seed: int) -> None:
    golden = json.loads((GOLDEN / "rare.json").read_text())
    assert golden["roc_auc"] == pytest.approx(0.7265, abs=1e-4)
    area, recall = measured(folder, f"balanced-{seed}", f"seed={seed}")
    assert area > golden["roc_auc"] - 0.02
    assert recall > 0.5


def test_without_weights_no_one_is(folder: Path) -> None:
    """Though the network knows as much."""
    area, recall = measured(folder, "alike", "class_weight=null")
    assert area > 0.7
    assert recall == 0.0
