"""A note where a rare class is never predicted, metrics that see it, and a threshold that finds it."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from tests.support.command import COMMAND, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.kills import SAVE_ALWAYS
from tests.support.refusal import refusal_of

CONFIG = """name: claims
seed: 1
data: {source: claims.csv, target: fraud, validation: 0.2, test: 0.3}
layers: [{type: linear, out_features: 2}]
loss: cross_entropy
learning_rate: 0.02
batch_size: 50
epochs: 12
metrics: [accuracy, balanced_accuracy, roc_auc, average_precision, log_loss]
diagnostics: false
"""
BINARY = CONFIG.replace("out_features: 2", "out_features: 1").replace("loss: cross", "loss: binary_cross")


def write(
    folder: Path, config: str = CONFIG, words: tuple[str, str] = ("no", "yes"), rows: int = 900, every: int = 30
) -> None:
    """Rows of which one of `every` is fraud, told by two columns of four, and not well."""
    generator = np.random.default_rng(7)
    fraud = np.arange(rows) % every == every - 1
    numbers = generator.normal(size=(rows, 4)) + fraud[:, np.newaxis] * [1.0, -0.8, 0, 0]
    lines = [
        ",".join([*(f"{number:.5f}" for number in row), words[int(is_fraud)]])
        for row, is_fraud in zip(numbers, fraud, strict=True)
    ]
    (folder / "claims.csv").write_text("\n".join(["a,b,c,d,fraud", *lines]) + "\n")
    (folder / "claims.yaml").write_text(config)


@pytest.mark.parametrize(("config", "words"), [(CONFIG, ("no", "yes")), (BINARY, ("0", "1"))])
def test_a_class_that_is_never_predicted_is_told_of(tmp_path: Path, config: str, words: tuple[str, str]) -> None:
    """3,000 rows with 27 positives: an accuracy of 0.99 says nothing of them."""
    write(tmp_path, config, words, rows=3_000, every=110)
    assert (tmp_path / "claims.csv").read_text().count(f",{words[1]}\n") == 27
    report = report_of("train", "claims.yaml", "epochs=3", cwd=tmp_path)
    (note,) = report["notes"]
    assert re.fullmatch(rf"never predicted: {words[1]} \(\d of the 420 validation samples\); try .*", note)
    assert "class_weight: balanced or threshold: best" in note
    measured = report_of("eval", "runs/claims", cwd=tmp_path)
    (note,) = measured["notes"]
    assert re.fullmatch(rf"never predicted: {words[1]} \(\d+ of the 900 test samples\); try .*", note)
    assert measured["metrics"]["accuracy"] > 0.98
    assert measured["metrics"]["balanced_accuracy"] == 0.5


@pytest.mark.parametrize(("config", "words"), [(CONFIG, ("no", "yes")), (BINARY, ("0", "1"))])
def test_balanced_classes_are_a_remedy_and_no_longer_named_when_set(
    tmp_path: Path, config: str, words: tuple[str, str]
) -> None:
    write(tmp_path, config, words)
    (note,) = report_of("train", "claims.yaml", "class_weight={'" + words[0] + "': 2}", cwd=tmp_path)["notes"]
    assert "; try threshold: best, and measure balanced_accuracy" in note
    assert report_of("eval", "runs/claims", cwd=tmp_path)["notes"][0].endswith(note.partition(";")[2])
    report_of("train", "claims.yaml", "class_weight=balanced", "--run", "balanced", cwd=tmp_path)
    measured = report_of("eval", "balanced", cwd=tmp_path)
    assert measured["notes"] == []
    assert measured["by_class"][1]["recall"] >= 0.5


def test_rows_with_weights_are_told_of_by_what_they_weigh(tmp_path: Path) -> None:
    """And the threshold is the best for them: its metric is that of `nnctl eval`, which has the weights, too."""
    write(tmp_path, CONFIG.replace("target: fraud", "target: fraud, weight: d"))
    lines = [line.split(",") for line in (tmp_path / "claims.csv").read_text().splitlines()]
    text = "\n".join(
        ",".join([*row[:3], row[3] if row[3] == "d" else str(abs(float(row[3]))), row[4]]) for row in lines
    )
    (tmp_path / "claims.csv").write_text(text + "\n")
    notes = report_of("train", "claims.yaml", cwd=tmp_path)["notes"]
    told = r"never predicted: yes \((\d+\.\d+) of the (\d+\.\d+) that the validation samples weigh\); try .*"
    (found,) = [match for note in notes if (match := re.fullmatch(told, note))]
    measured = report_of("eval", "runs/claims", "--split", "validation", cwd=tmp_path)
    assert float(found[1]) == pytest.approx(measured["by_class"][1]["samples"], rel=1e-5)
    assert float(found[2]) == pytest.approx(np.sum(measured["confusion_matrix"]), rel=1e-5)

    report = report_of("train", "claims.yaml", "threshold=best", "--run", "best", cwd=tmp_path)
    best = report_of("eval", "best", "--split", "validation", cwd=tmp_path)
    (row,) = [row for row in rows_of(tmp_path / "best") if row["epoch"] == report["best_epoch"]]
    assert best["metrics"]["balanced_accuracy"] > 0.55
    assert row["diagnoses"]["threshold"]["best"] == pytest.approx(best["metrics"]["balanced_accuracy"], rel=1e-9)
    assert row["diagnoses"]["threshold"]["at_0.5"] == row["val_balanced_accuracy"]


def test_a_class_that_is_predicted_is_not_told_of(tmp_path: Path) -> None:
    write(tmp_path, every=2)
    report = report_of("train", "claims.yaml", "epochs=8", cwd=tmp_path)
    assert report["notes"] == []
    assert report_of("eval", "runs/claims", cwd=tmp_path)["notes"] == []


@pytest.mark.parametrize(("config", "words"), [(CONFIG, ("no", "yes")), (BINARY, ("0", "1"))])
def test_the_best_threshold_finds_a_rare_class(tmp_path: Path, config: str, words: tuple[str, str]) -> None:
    write(tmp_path, config, words)
    done = nnctl("train", "claims.yaml", "threshold=best", "-q", "--json", cwd=tmp_path)
    report = json.loads(done.stdout)
    (note,) = report["notes"]
    assert done.stderr == f"note: {note}\n"
    assert note.startswith(f"{words[1]} is predicted above a probability of 0.")
    assert "with 0.5 0.5000; metrics of the epochs are those with 0.5" in note
    assert report["metrics"]["val_balanced_accuracy"] == 0.5
    measured = report_of("eval", "runs/claims", cwd=tmp_path)
    assert 0 < measured["threshold"] < 0.5
    (note,) = measured["notes"]
    assert f"{words[1]} is predicted above a probability of" in note
    assert note.endswith("best for balanced_accuracy on the validation samples")
    assert measured["by_class"][1]["recall"] >= 0.5
    assert measured["metrics"]["balanced_accuracy"] > 0.6

    best = report_of("eval", "runs/claims", "--split", "validation", cwd=tmp_path)
    (row,) = [row for row in rows_of(tmp_path / "runs/claims") if row["epoch"] == report["best_epoch"]]
    assert row["diagnoses"]["threshold"]["best"] == best["metrics"]["balanced_accuracy"]
    assert row["diagnoses"]["threshold"]["value"] == best["threshold"]

    done = nnctl("predict", "runs/claims", "claims.csv", "-o", "out.csv", cwd=tmp_path)
    assert f"note: {words[1]} is predicted above a probability of" in done.stderr
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    name, probability = ("prediction", "probability_yes") if words[1] == "yes" else ("fraud", "probability_fraud")
    for row in rows:
        assert (row[name] == words[1]) == (float(row[probability]) > measured["threshold"])
    assert 50 < sum(row[name] == words[1] for row in rows) < 600


def test_a_number_decides_in_every_epoch(tmp_path: Path) -> None:
    write(tmp_path)
    report = report_of("train", "claims.yaml", "threshold=0.04", cwd=tmp_path)
    measured = report_of("eval", "runs/claims", "--split", "validation", cwd=tmp_path)
    assert measured["threshold"] == 0.04
    assert measured["metrics"]["balanced_accuracy"] == report["metrics"]["val_balanced_accuracy"] > 0.55
    assert "yes is predicted above a probability of 0.04" in measured["notes"]


def test_a_threshold_of_a_half_changes_no_bit(tmp_path: Path) -> None:
    write(tmp_path, every=3)
    report_of("train", "claims.yaml", "--run", "plain", cwd=tmp_path)
    report_of("train", "claims.yaml", "threshold=0.5", "--run", "half", cwd=tmp_path)
    plain, half = (rows_of(tmp_path / name) for name in ("plain", "half"))
    assert plain == half


def test_it_can_be_best_for_another_metric(tmp_path: Path) -> None:
    write(tmp_path, CONFIG + "threshold: {best_for: f1}\n")
    (note,) = report_of("train", "claims.yaml", cwd=tmp_path)["notes"]
    assert ": f1 of the validation samples is 0." in note
    assert "best_for: {type: f1}" in (tmp_path / "runs/claims/config.yaml").read_text()
    report_of("train", "runs/claims/config.yaml", "--run", "again", cwd=tmp_path)
    assert rows_of(tmp_path / "again") == rows_of(tmp_path / "runs/claims")


@pytest.mark.slow
def test_a_run_that_is_stopped_within_an_epoch_ends_in_the_same_bytes(tmp_path: Path) -> None:
    """Rows that are collected are kept, and so are the threshold and the temperature of the best epoch before."""
    write(tmp_path, CONFIG + "threshold: best\nmonitor: val_roc_auc\ncalibrate: true\n")
    report_of("train", "claims.yaml", "--run", "whole", cwd=tmp_path)
    stop = f"""
{SAVE_ALWAYS}
from nnctl.training.trainer import Trainer
from nnctl.training.stop_signal import StopSignal
def run_steps(self, epoch, usual=Trainer._run_steps):
    self._steps_at_once = 1
    usual(self, epoch)
    if self.state.counters.step == 25:
        import os, signal
        os.kill(os.getpid(), signal.SIGTERM)
Trainer._run_steps = run_steps
"""
    command = [*COMMAND[:-1], f"{stop}\n{COMMAND[-1]}", "train", "claims.yaml", "--run", "run"]
    done = subprocess.run(command, cwd=tmp_path, env=surroundings(), stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 143, done.stderr
    with safe_open(tmp_path / "run/checkpoints/last.safetensors", "numpy") as file:
        assert np.count_nonzero(file.get_tensor("training.scores")) > 300
    report_of("train", "claims.yaml", "--run", "run", "--resume", cwd=tmp_path)
    assert rows_of(tmp_path / "run") == rows_of(tmp_path / "whole")
    assert checkpoints_of(tmp_path / "run") == checkpoints_of(tmp_path / "whole")
    with safe_open(tmp_path / "run/checkpoints/best.safetensors", "numpy") as file:
        assert "training.scores" not in file.keys()  # noqa: SIM118 - it has no other way


@pytest.mark.parametrize(
    ("change", "place", "what", "help"),
    [
        (("cross_entropy", "hinge"), "9:12", "is a probability, and hinge makes none", "binary_cross_entropy"),
        (("cross_entropy", "mse"), "9:12", "is a probability, and mse makes none", "cross_entropy"),
        (("validation: 0.2, ", ""), "9:12", "is chosen on validation samples, and there are none", "validation: 0.1"),
    ],
)
def test_what_has_no_threshold_is_refused(
    tmp_path: Path, change: tuple[str, str], place: str, what: str, help: str
) -> None:
    config = CONFIG.replace("metrics: [accuracy, balanced_accuracy, roc_auc, average_precision, log_loss]\n", "")
    config = config.replace("out_features: 2", f"out_features: {1 if change[1] in ('hinge', 'mse') else 2}")
    write(tmp_path, config.replace(*change) + "threshold: best\n", ("0", "1"))
    refusal = refusal_of("train", "claims.yaml", cwd=tmp_path, code=2)
    refusal.says("threshold: ", what, help)


@pytest.mark.parametrize("value", ["0", "1", "1.5", "yes", "true", "bests", "{best_for: roc_auc}", "{for: f1}"])
def test_a_threshold_that_is_none_is_refused(tmp_path: Path, value: str) -> None:
    write(tmp_path, CONFIG + f"threshold: {value}\n")
    refusal = refusal_of("train", "claims.yaml", cwd=tmp_path, code=2)
    print(refusal.text)
    refusal.says("claims.yaml:11:", "threshold")


def test_more_than_two_classes_have_no_threshold(tmp_path: Path) -> None:
    write(tmp_path, CONFIG.replace("out_features: 2", "out_features: 3") + "threshold: 0.3\n")
    text = (tmp_path / "claims.csv").read_text()
    (tmp_path / "claims.csv").write_text(text.replace("no\n", "maybe\n", 50))
    refusal = refusal_of("train", "claims.yaml", cwd=tmp_path, code=2)
    refusal.says("threshold: parts two classes, and the data has 3", "remove it")


def test_a_metric_of_probabilities_needs_them(tmp_path: Path) -> None:
    write(tmp_path, BINARY.replace("binary_cross_entropy", "hinge"), ("0", "1"))
    refusal = refusal_of("train", "claims.yaml", cwd=tmp_path, code=2)
    refusal.says("metrics.4: log_loss is measured of probabilities, and hinge makes none")


def test_a_class_that_validation_lacks_gives_null_in_json(tmp_path: Path) -> None:
    """An area under a curve needs both classes."""
    write(tmp_path, CONFIG.replace("validation: 0.2, test: 0.3", "validation: {column: a, from: 1.9}"))
    lines = (tmp_path / "claims.csv").read_text().splitlines()
    kept = [line for line in lines if line.startswith("a") or float(line.split(",")[0]) < 1.9 or line.endswith("no")]
    (tmp_path / "claims.csv").write_text("\n".join(kept) + "\n")
    done = nnctl("train", "claims.yaml", "threshold=best", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["metrics"]["val_roc_auc"] is None
    assert report_of("eval", "runs/claims", "--split", "validation", cwd=tmp_path)["threshold"] == 0.5
