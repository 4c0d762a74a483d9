"""`nnctl eval --importance`: which columns matter."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import nnctl, report_of
from tests.support.refusal import refusal_of

# fits the line exactly, through a transform of the target that metrics undo
LINE = """
data: {source: line.csv, target: price, target_transform: standard, test: 0.5}
layers: [{type: linear, out_features: 1}]
loss: mse
optimizer: sgd
learning_rate: 0.2
batch_size: 100
epochs: 60
"""
WORDS = """
data: {source: words.csv, target: kind, test: 0.5}
layers: [{type: linear, out_features: 3}]
loss: cross_entropy
optimizer: adam
learning_rate: 0.05
epochs: 20
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """runs/line: price = 1,000 size and no more. runs/words: the kind is the colour, among 40 columns of noise."""
    folder = tmp_path_factory.mktemp("importance")
    draw = np.random.default_rng(5)
    lines = [f"{noise:.5f},{size:.5f},{1000 * size:.5f}" for noise, size in draw.normal(3.0, 1.0, (4_000, 2))]
    (folder / "line.csv").write_text("\n".join(["noise,size,price", *lines]) + "\n")
    names = [*(f"n{number}" for number in range(40)), "colour", "kind"]
    rows = []
    for colour in draw.integers(0, 3, 400):
        noise = ",".join(f"{value:.3f}" for value in draw.normal(size=40))
        rows.append(f"{noise},{('red', 'green', 'blue')[colour]},{'abc'[colour]}")
    (folder / "words.csv").write_text("\n".join([",".join(names), *rows]) + "\n")
    for name, config in (("line", LINE), ("words", WORDS)):
        (folder / f"{name}.yaml").write_text(config)
        report_of("train", f"{name}.yaml", "-q", cwd=folder)
    return folder


def test_it_is_what_theory_says_in_the_targets_own_units(trained: Path) -> None:
    """A permuted size makes an error of 1,000 (size - size'): its variance is 2 * 1,000,000 var(size)."""
    report = report_of("eval", "runs/line", "--importance", "--repeats", "10", cwd=trained)
    assert list(report) == ["checkpoint", "split", "samples", "metrics", "importance", "notes"]
    assert report["metrics"]["rmse"] < 1
    size, noise = report["importance"]
    assert list(size) == ["column", *report["metrics"]]
    assert (size["column"], noise["column"]) == ("size", "noise")
    deviation = np.genfromtxt(trained / "line.csv", delimiter=",", names=True)["size"].std()
    assert size["rmse"]["mean"] == pytest.approx(np.sqrt(2) * 1000 * deviation, rel=0.05)
    assert size["r2"]["mean"] == pytest.approx(2.0, abs=0.1)
    assert size["loss"]["mean"] == pytest.approx(2.0, abs=0.2)  # in the units of the transform
    assert 0 < size["rmse"]["deviation"] < 100
    assert abs(noise["rmse"]["mean"]) < 1
    assert abs(noise["r2"]["mean"]) < 1e-5


def test_a_column_of_words_among_many(trained: Path) -> None:
    report = report_of("eval", "runs/words", "--importance", cwd=trained)
    assert len(report["importance"]) == 41
    first = report["importance"][0]
    assert first["column"] == "colour"
    assert first["accuracy"]["mean"] == pytest.approx(2 / 3, abs=0.1)  # a third is right by chance
    means = [row["accuracy"]["mean"] for row in report["importance"]]
    assert means == sorted(means, reverse=True)
    plain = report_of("eval", "runs/words", cwd=trained)
    assert report == plain | {"importance": report["importance"]}


def test_the_table(trained: Path) -> None:
    done = nnctl("eval", "runs/words", "--importance", cwd=trained)
    assert done.returncode == 0
    assert done.stderr == ""
    rows = [line.split() for line in done.stdout.splitlines()]
    header = rows.index(["permuted", "column", "accuracy", "±", "precision", "recall", "f1", "loss"])
    first = report_of("eval", "runs/words", "--importance", cwd=trained)["importance"][0]
    shown = [f"{first['accuracy'][key]:.4f}" for key in ("mean", "deviation")]
    assert rows[header + 2][:3] == ["colour", *shown]
    assert ["…", "11", "more"] in rows


def test_other_data_and_other_splits(trained: Path) -> None:
    options = ("--importance", "--repeats", "1")
    whole = report_of("eval", "runs/line", "--data", "line.csv", *options, cwd=trained)
    assert whole["samples"] == 4_000
    train = report_of("eval", "runs/line", "--split", "train", *options, cwd=trained)
    assert train["samples"] == 2_000
    for report in (whole, train):
        assert report["importance"][0]["column"] == "size"
        assert report["importance"][0]["rmse"]["deviation"] is None


def test_columns_of_arrays(tmp_path: Path) -> None:
    inputs = np.random.default_rng(1).normal(size=(300, 3)).astype(np.float32)
    np.savez(tmp_path / "a.npz", x=inputs, y=2 * inputs[:, 1])
    (tmp_path / "a.yaml").write_text(
        "data: {source: a.npz, test: 0.3}\nlayers: [{type: linear, out_features: 1}]\nloss: mse\n"
        "learning_rate: 0.05\nepochs: 20\n"
    )
    report_of("train", "a.yaml", cwd=tmp_path)
    report = report_of("eval", "runs/a", "--importance", cwd=tmp_path)
    assert report["importance"][0]["column"] == "1"
    assert {row["column"] for row in report["importance"]} == {"0", "1", "2"}


def test_pixels_are_no_columns(tmp_path: Path) -> None:
    images = np.random.default_rng(1).normal(size=(30, 4, 5, 1)).astype(np.float32)
    np.savez(tmp_path / "a.npz", x=images, y=np.arange(30) % 3)
    (tmp_path / "a.yaml").write_text(
        "data: a.npz\nlayers: [flatten, {type: linear, out_features: 3}]\nloss: cross_entropy\n"
        "batch_size: 30\nepochs: 1\n"
    )
    report_of("train", "a.yaml", cwd=tmp_path)
    refused = refusal_of("eval", "runs/a", "--importance", cwd=tmp_path, code=2)
    refused.says("--importance is of columns, and the samples of this network are images")


def test_repeats_are_of_importance(trained: Path) -> None:
    refusal_of("eval", "runs/line", "--repeats", "3", cwd=trained, code=2).says("--repeats is set without --importance")
    refused = nnctl("eval", "runs/line", "--importance", "--repeats", "0", "--json", cwd=trained)
    assert refused.returncode == 2
    assert json.loads(refused.stdout)["error"]["kind"] == "usage"
