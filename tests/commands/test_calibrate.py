"""`calibrate: true`: probabilities as large as they are right, and no other prediction."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.model.checkpoint import read_checkpoint
from tests.support.command import nnctl, report_of, rows_of
from tests.support.refusal import refusal_of

CONFIG = """name: shapes
data: {source: train.csv, target: kind, validation: valid.csv, test: test.csv}
layers: [{type: linear, out_features: 32, activation: relu}, {type: linear, out_features: 3}]
loss: cross_entropy
learning_rate: 0.05
batch_size: 20
epochs: 30
monitor: loss
metrics: [accuracy, log_loss, expected_calibration_error]
"""
WEIGHTS = np.array([[2.0, -2.0, 0.0], [0.0, 1.0, -2.0]])
BINARY = CONFIG.replace("cross_entropy", "binary_cross_entropy").replace("features: 3", "features: 1")


def write(folder: Path, config: str = CONFIG, kinds: tuple[str, ...] = ("disc", "line", "star")) -> None:
    """Few rows to train on with labels that overlap, so that the network is sure of too much."""
    generator = np.random.default_rng(9)
    for name, rows in (("train", 60), ("valid", 150), ("test", 300)):
        inputs = np.clip(generator.normal(size=(rows, 2)), -1, 1)
        logits = inputs @ WEIGHTS[:, : len(kinds)]
        labels = np.argmax(logits + generator.gumbel(size=logits.shape), axis=1)
        lines = [f"{a:.6f},{b:.6f},{kinds[label]}" for (a, b), label in zip(inputs, labels, strict=True)]
        (folder / f"{name}.csv").write_text("\n".join(["a,b,kind", *lines]) + "\n")
    (folder / "shapes.yaml").write_text(config)


def predicted(folder: Path, run: str) -> tuple[list[str], Any]:
    """The predictions of the test rows, and their probabilities."""
    report_of("predict", run, "test.csv", "-o", f"{run}.csv", cwd=folder)
    with (folder / f"{run}.csv").open() as file:
        _, *rows = csv.reader(file)
    return [row[1] for row in rows], np.array([list(map(float, row[2:])) for row in rows])


def test_probabilities_change_and_no_prediction_does(tmp_path: Path) -> None:
    write(tmp_path)
    report_of("train", "shapes.yaml", "--run", "plain", cwd=tmp_path)
    report = report_of("train", "shapes.yaml", "calibrate=true", "--run", "run", cwd=tmp_path)
    best = f"{report['best_epoch']}"
    (row,) = (row for row in rows_of(tmp_path / "run") if str(row["epoch"]) == best)
    told = row["diagnoses"]["calibration"]
    assert told["temperature"] > 1.5
    assert told["log_loss"] < told["before"]["log_loss"] == pytest.approx(row["val_log_loss"])
    before = told["before"]["expected_calibration_error"]
    assert told["expected_calibration_error"] < before == pytest.approx(row["val_expected_calibration_error"])
    (note,) = [note for note in report["notes"] if "temperature" in note]
    numbers = [float(number) for number in re.findall(r"\d+\.\d+", note)]
    expected = [told["temperature"], told["log_loss"], row["val_log_loss"], told["expected_calibration_error"], before]
    assert numbers == pytest.approx(expected, abs=6e-4)

    (plain, usual), (kinds, probabilities) = predicted(tmp_path, "plain"), predicted(tmp_path, "run")
    assert kinds == plain
    powers = usual ** (1 / told["temperature"])
    np.testing.assert_allclose(probabilities, powers / powers.sum(axis=1, keepdims=True), rtol=1e-5)

    without, measured = (report_of("eval", run, cwd=tmp_path) for run in ("plain", "run"))
    assert measured["temperature"] == told["temperature"]
    assert measured["confusion_matrix"] == without["confusion_matrix"]
    for name in ("loss", "accuracy", "f1"):
        assert measured["metrics"][name] == without["metrics"][name]
    for name in ("log_loss", "expected_calibration_error"):
        assert measured["metrics"][name] < without["metrics"][name]
    own = [line.rpartition(",")[2] for line in (tmp_path / "test.csv").read_text().splitlines()[1:]]
    positions = [("disc", "line", "star").index(kind) for kind in own]
    surprisal = -np.log(probabilities[np.arange(len(own)), positions])
    assert measured["metrics"]["log_loss"] == pytest.approx(surprisal.mean(), rel=1e-5)
    (note,) = (note for note in measured["notes"] if "temperature" in note)
    assert note.endswith("found on the validation samples")


@pytest.mark.parametrize("outputs", [1, 2])
def test_the_best_threshold_is_one_of_calibrated_probabilities(tmp_path: Path, outputs: int) -> None:
    """With the same predictions as without calibration."""
    config = BINARY if outputs == 1 else CONFIG.replace("features: 3", "features: 2")
    write(tmp_path, config.replace("epochs: 30", "epochs: 100") + "threshold: {best_for: f1}\n", ("0", "1"))
    report_of("train", "shapes.yaml", "--run", "plain", cwd=tmp_path)
    report = report_of("train", "shapes.yaml", "calibrate=true", "--run", "run", cwd=tmp_path)
    (plain, _), (kinds, probabilities) = predicted(tmp_path, "plain"), predicted(tmp_path, "run")
    assert kinds == plain
    without, measured = (report_of("eval", run, cwd=tmp_path) for run in ("plain", "run"))
    assert measured["confusion_matrix"] == without["confusion_matrix"]
    assert measured["metrics"]["log_loss"] < without["metrics"]["log_loss"]
    assert measured["threshold"] != without["threshold"]
    assert [kind == "1" for kind in kinds] == (probabilities[:, -1] > measured["threshold"]).tolist()
    assert any(f"above a probability of {measured['threshold']:.4f}"[:-1] in note for note in report["notes"])


def test_a_threshold_of_ones_own_is_one_of_calibrated_probabilities(tmp_path: Path) -> None:
    write(tmp_path, BINARY, ("0", "1"))
    report_of("train", "shapes.yaml", "threshold=0.3", "calibrate=true", "--run", "run", cwd=tmp_path)
    kinds, probabilities = predicted(tmp_path, "run")
    assert [kind == "1" for kind in kinds] == (probabilities[:, -1] > 0.3).tolist()
    measured = report_of("eval", "run", cwd=tmp_path)
    assert measured["threshold"] == 0.3
    assert np.sum(measured["confusion_matrix"], axis=0).tolist() == [kinds.count("0"), kinds.count("1")]


def test_nothing_else_of_the_run_changes(tmp_path: Path) -> None:
    write(tmp_path)
    for name, more in (("plain", ()), ("run", ("calibrate=true",))):
        report_of("train", "shapes.yaml", "epochs=3", *more, "--run", name, cwd=tmp_path)
    plain, rows = rows_of(tmp_path / "plain"), rows_of(tmp_path / "run")
    for row in rows:
        row["diagnoses"].pop("calibration", None)
        row["diagnoses"] or row.pop("diagnoses")
    assert rows == plain
    tensors, others = (
        read_checkpoint(tmp_path / name / "checkpoints/best.safetensors").tensors for name in ("plain", "run")
    )
    assert tensors.keys() == others.keys()
    assert all(np.array_equal(tensor, others[name]) for name, tensor in tensors.items())


def test_each_fold_has_its_own(tmp_path: Path) -> None:
    write(tmp_path, CONFIG.replace("valid.csv, test: test.csv", "0.3") + "calibrate: true\n")
    (tmp_path / "train.csv").write_text((tmp_path / "test.csv").read_text())
    report = report_of("train", "shapes.yaml", "--folds", "2", "data.validation=0.5", "epochs=100", cwd=tmp_path)
    for number, fold in enumerate(report["folds"], 1):
        measured = report_of("eval", f"runs/shapes/fold-{number}", cwd=tmp_path)
        assert measured["temperature"] != 1
        assert measured["metrics"] == fold["metrics"]
    assert len([note for note in report["notes"] if "log loss of the validation samples" in note]) == 2


@pytest.mark.slow
def test_trials_of_a_sweep_have_theirs(tmp_path: Path) -> None:
    write(tmp_path)
    report = report_of("sweep", "shapes.yaml", "calibrate=false,true", "epochs=2", "--run", "sweep", cwd=tmp_path)
    found = []
    for trial in report["trials"]:
        measured = report_of("eval", trial["run"], cwd=tmp_path)
        found.append((trial["parameters"]["calibrate"], "temperature" in measured))
    assert sorted(found) == [(False, False), (True, True)]


def test_where_every_validation_sample_is_right_there_is_none(tmp_path: Path) -> None:
    write(tmp_path, CONFIG + "calibrate: true\n")
    for name in ("train", "valid"):
        lines = [f"{n / 10},{n % 3},{('disc', 'line', 'star')[n // 20]}" for n in range(60)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["a,b,kind", *lines[:18], *lines[22:38], *lines[42:]]) + "\n")
    done = nnctl("train", "shapes.yaml", "epochs=60", "-q", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["metrics"]["val_accuracy"] == 1
    assert "calibrate finds no temperature, and probabilities stay as they are: every validation sample" in done.stderr
    assert report_of("eval", "runs/shapes", cwd=tmp_path)["temperature"] == 1


def test_where_the_network_is_calibrated_it_is_left_as_it_is(tmp_path: Path) -> None:
    """It has trained little; what a temperature gains on so few rows is chance."""
    write(tmp_path, CONFIG.replace("epochs: 30", "epochs: 20").replace("0.05", "0.01"))
    report = report_of("train", "shapes.yaml", "calibrate=true", "--run", "run", cwd=tmp_path)
    (row,) = (row for row in rows_of(tmp_path / "run") if row["epoch"] == report["best_epoch"])
    told = row["diagnoses"]["calibration"]
    assert told["temperature"] == 1 != told["best"]["temperature"]
    assert 0 < 2 * 150 * (told["log_loss"] - told["best"]["log_loss"]) < 3.84
    assert told["log_loss"] == told["before"]["log_loss"]
    (note,) = [note for note in report["notes"] if "temperature" in note]
    assert note.startswith("calibrate leaves probabilities as they are: the best temperature, ")
    measured = report_of("eval", "run", cwd=tmp_path)
    assert measured["temperature"] == 1
    assert not any("temperature" in note for note in measured["notes"])


@pytest.mark.parametrize(
    ("change", "what", "help"),
    [
        (("cross_entropy", "hinge"), "is of probabilities, and hinge makes none", "cross_entropy"),
        (("cross_entropy", "mse"), "is of probabilities, and mse makes none", "cross_entropy"),
        (("validation: valid.csv, ", ""), "needs validation samples to find a temperature on", "data.validation: 0.1"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(tmp_path: Path, change: tuple[str, str], what: str, help: str) -> None:
    config = re.sub("metrics: .*\n", "", CONFIG).replace("features: 3", f"features: {3 if not change[1] else 1}")
    write(tmp_path, config.replace(*change) + "calibrate: true\n", ("0", "1", "2") if not change[1] else ("0", "1"))
    refusal = refusal_of("train", "shapes.yaml", cwd=tmp_path, code=2)
    refusal.says("calibrate: ", what, help)
