"""`nnctl eval`: splits, other data, conditions, classes and values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import DATA, nnctl, report_of

DIGITS = f"""
name: digits
data: {{source: {DATA}/mnist, validation: 0.1, standardize: true}}
layers: [flatten, {{type: linear, out_features: 10}}]
loss: cross_entropy
batch_size: 100
epochs: 2
metrics: [accuracy, {{type: top_k, k: 3}}]
"""
HOUSES = """
name: houses
data: {source: houses.csv, target: [price, rent], test: 0.25}
layers: [{type: linear, out_features: 2}]
loss: mse
optimizer: sgd
learning_rate: 0.1
epochs: 200
"""


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digits")
    (folder / "digits.yaml").write_text(DIGITS)
    report_of("train", "digits.yaml", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("houses")
    rooms = np.random.default_rng(1).uniform(1, 8, 200)
    lines = [f"{room:.6f},{100 + 50 * room:.6f},{3 * room:.6f}" for room in rooms]
    (folder / "houses.csv").write_text("\n".join(["rooms,price,rent", *lines]) + "\n")
    (folder / "houses.yaml").write_text(HOUSES)
    report_of("train", "houses.yaml", cwd=folder)
    return folder


def test_the_json_report_of_classes(digits: Path) -> None:
    report = report_of("eval", "runs/digits", cwd=digits)
    assert list(report) == [
        "checkpoint",
        "split",
        "samples",
        "metrics",
        "confusion_matrix",
        "classes",
        "by_class",
        "notes",
    ]
    assert report["checkpoint"] == "runs/digits/checkpoints/best.safetensors"
    assert (report["split"], report["samples"]) == ("test", 2000)
    assert report["metrics"].keys() == {"loss", "accuracy", "precision", "recall", "f1", "top_3"}
    assert report["classes"] == [str(digit) for digit in range(10)]
    matrix = np.array(report["confusion_matrix"])
    assert matrix.shape == (10, 10)
    assert matrix.sum() == 2000
    assert report["metrics"]["accuracy"] == np.trace(matrix) / 2000 > 0.8
    assert report["metrics"]["top_3"] > report["metrics"]["accuracy"]
    assert [row["samples"] for row in report["by_class"]] == matrix.sum(axis=1).tolist() == [200] * 10
    recalls = [row["recall"] for row in report["by_class"]]
    assert recalls == pytest.approx(np.diag(matrix) / 200)
    assert report["metrics"]["recall"] == pytest.approx(np.mean(recalls))


@pytest.mark.parametrize(("split", "samples"), [("train", 9000), ("validation", 1000), ("test", 2000)])
def test_each_split(digits: Path, split: str, samples: int) -> None:
    report = report_of("eval", "runs/digits", "--split", split, cwd=digits)
    assert (report["split"], report["samples"]) == (split, samples)


def test_the_checkpoint_is_a_file_or_a_folder(digits: Path) -> None:
    last = report_of("eval", "runs/digits/checkpoints/last.safetensors", cwd=digits)
    best = report_of("eval", "runs/digits", cwd=digits)
    assert last["checkpoint"] != best["checkpoint"]


def test_validation_measures_what_training_measured(digits: Path) -> None:
    rows = [json.loads(line) for line in (digits / "runs" / "digits" / "metrics.jsonl").read_text().splitlines()]
    best = min(rows, key=lambda row: row["val_loss"])
    metrics = report_of("eval", "runs/digits", "--split", "validation", cwd=digits)["metrics"]
    assert metrics["accuracy"] == best["val_accuracy"]
    assert metrics["loss"] == pytest.approx(best["val_loss"], rel=1e-6)


def test_other_data_of_the_same_kind(digits: Path) -> None:
    """The run's own test files elsewhere give the same numbers; the checkpoint's preprocessing is used."""
    other = digits / "other"
    other.mkdir()
    for file in (DATA / "mnist").glob("t10k*"):
        (other / file.name).write_bytes(file.read_bytes())
    own = report_of("eval", "runs/digits", cwd=digits)
    given = report_of("eval", "runs/digits", "--data", "other", cwd=digits)
    assert given["metrics"] == own["metrics"]


def test_the_table(digits: Path) -> None:
    done = nnctl("eval", "runs/digits", cwd=digits)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "runs/digits/checkpoints/best.safetensors on 2,000 test samples"
    assert any(line.split() == ["class", "precision", "recall", "f1", "samples"] for line in lines)
    assert lines[-1].startswith("test: loss 0.")
    assert "  accuracy 0." in lines[-1]
    assert done.stderr == ""


def test_conditions_that_hold_exit_with_6(digits: Path) -> None:
    conditions = ("--fail-if", "accuracy<0.99", "--fail-if", "loss > 100", "--fail-if", "top_3 <= 1")
    done = nnctl("eval", "runs/digits", *conditions, "--json", cwd=digits)
    assert done.returncode == 6
    assert json.loads(done.stdout)["samples"] == 2000
    assert "'accuracy<0.99' holds" in done.stderr
    assert "'top_3 <= 1' holds" in done.stderr
    assert "loss" not in done.stderr


def test_conditions_that_do_not_hold_exit_with_0(digits: Path) -> None:
    conditions = ("--fail-if", "accuracy<0.5", "--fail-if", "accuracy==2", "--fail-if", "f1 != f1")
    assert nnctl("eval", "runs/digits", *conditions[:4], cwd=digits).returncode == 0
    refused = nnctl("eval", "runs/digits", *conditions[4:], "--fail-if", "acuracy<1", cwd=digits)
    assert refused.returncode == 2
    assert "--fail-if 'f1 != f1' cannot be read" in refused.stderr
    assert "did you mean accuracy?" in refused.stderr


def test_values_are_measured_in_the_targets_own_units(houses: Path) -> None:
    report = report_of("eval", "runs/houses", cwd=houses)
    assert list(report) == ["checkpoint", "split", "samples", "metrics", "notes"]
    assert report["samples"] == 50
    assert report["metrics"].keys() == {"loss", "mae", "rmse", "r2"}
    assert report["metrics"]["r2"] > 0.999
    assert report["metrics"]["mae"] <= report["metrics"]["rmse"] < 5


def test_columns_of_other_data_may_stand_in_another_order(houses: Path) -> None:
    rows = [line.split(",") for line in (houses / "houses.csv").read_text().splitlines()]
    (houses / "turned.csv").write_text("\n".join(",".join([rent, rooms, price]) for rooms, price, rent in rows) + "\n")
    straight = report_of("eval", "runs/houses", "--data", "houses.csv", cwd=houses)
    turned = report_of("eval", "runs/houses", "--data", "turned.csv", cwd=houses)
    assert straight["samples"] == 200
    assert turned["metrics"] == straight["metrics"]


def test_a_split_that_does_not_exist(houses: Path) -> None:
    done = nnctl("eval", "runs/houses", "--split", "validation", cwd=houses)
    assert done.returncode == 3
    assert "no validation samples" in done.stderr
    assert "--split train or test" in done.stderr
