"""`nnctl diagnose`, and the verdict at the end of `nnctl train`, by the real command."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import CONFIGS, nnctl, report_of
from tests.support.refusal import refusal_of

DEEP = """name: deep
data: {source: points.npz, validation: 0.25}
layers:
  - repeat: 12
    layers: [{type: linear, out_features: 16, activation: sigmoid}]
  - {type: linear, out_features: 2}
loss: cross_entropy
epochs: 6
"""
VANISHING = "note: vanishing gradients: layers.0.0.layers.0 gets "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    x = np.random.default_rng(0).normal(size=(200, 4))
    np.savez(tmp_path / "points.npz", x=x, y=(x[:, 0] > 0).astype(int))
    (tmp_path / "deep.yaml").write_text(DEEP)
    return tmp_path


def test_a_run_is_told_once_while_it_goes_on_and_what_to_do_works(folder: Path) -> None:
    done = nnctl("train", "deep.yaml", "-q", cwd=folder)
    assert done.returncode == 0
    assert done.stderr.count(VANISHING) == 1
    remedy = shlex.split(done.stderr.partition("; try ")[2].partition(", or ")[0])
    assert remedy == ["layers.0.layers.0.activation=relu"]
    mended = report_of("train", "deep.yaml", *remedy, "learning_rate=0.01", "--run", "mended", cwd=folder)
    assert mended["diagnoses"] == []
    assert mended["metrics"]["val_accuracy"] > 0.9


def test_the_result_and_the_command_say_the_same(folder: Path) -> None:
    done = nnctl("train", "deep.yaml", "--json", "-q", cwd=folder)
    result = json.loads(done.stdout)
    (finding,) = result["diagnoses"]
    assert finding["name"] == "vanishing_gradients"
    assert finding["evidence"]["ratio"] < 1e-4
    assert result["diagnoses"] == json.loads((folder / "runs" / "deep" / "result.json").read_text())["diagnoses"]
    (folder / "points.npz").unlink()  # the run folder is enough
    report = report_of("diagnose", "runs/deep", cwd=folder)
    assert report["diagnoses"] == result["diagnoses"]
    assert (report["status"], report["epochs"]) == ("finished", 6)
    assert {name: len(values) for name, values in report["losses"].items()} == {"loss": 6, "val_loss": 6}
    assert report["layers"][-1]["name"] == "layers.1"
    shown = nnctl("diagnose", "runs/deep", cwd=folder)
    assert finding["what"] in shown.stdout
    assert "try layers.0.layers.0.activation=relu" in shown.stdout
    assert shown.stdout.count(" linear, sigmoid ") == 12
    typed = shlex.split(shown.stdout.splitlines()[-1].removeprefix("to try it: nnctl "))
    assert typed == ["train", "runs/deep/config.yaml", "layers.0.layers.0.activation=relu"]
    assert "○ val_loss" in shown.stdout
    assert shown.stderr == ""


def test_a_healthy_run_says_nothing(folder: Path) -> None:
    shutil.copytree(CONFIGS.parent / "data" / "logic", folder / "data" / "logic")
    (folder / "configs").mkdir()
    shutil.copy(CONFIGS / "xor.yaml", folder / "configs")
    done = nnctl("train", "configs/xor.yaml", "-q", cwd=folder)
    assert (done.stdout, done.stderr) == ("", "")
    assert nnctl("diagnose", "runs/xor", cwd=folder).stdout.endswith("\nnothing is wrong\n")


def test_a_run_without_measurements(folder: Path) -> None:
    done = nnctl("train", "deep.yaml", "diagnostics=false", "-q", cwd=folder)
    assert "gradients" not in done.stderr
    done = nnctl("diagnose", "runs/deep", cwd=folder)
    assert "runs/deep has no measurements of its layers (diagnostics is false in its config)" in done.stderr


def test_folders_that_are_no_run(folder: Path) -> None:
    report_of("train", "deep.yaml", "--folds", "2", "epochs=1", "-q", cwd=folder)
    refusal_of("diagnose", "runs/deep", cwd=folder, code=2).says("holds 2 runs", "nnctl diagnose runs/deep/fold-1")
    refusal_of("diagnose", "runs", cwd=folder, code=2).says("is not a run folder")
    refusal_of("diagnose", "nothing", cwd=folder, code=2).says("does not exist", "nnctl runs")
    assert report_of("diagnose", "runs/deep/fold-2", cwd=folder)["epochs"] == 1


def test_a_diverged_run_is_told_why(folder: Path) -> None:
    x = np.random.default_rng(0).normal(size=(200, 4))
    np.savez(folder / "points.npz", x=1e4 * x, y=x[:, 0])
    text = DEEP.replace("cross_entropy", "mse").replace("sigmoid", "relu").replace("out_features: 2", "out_features: 1")
    (folder / "deep.yaml").write_text(f"{text}optimizer: sgd\nlearning_rate: 0.1\n")
    done = nnctl("train", "deep.yaml", "--run", "run", cwd=folder)
    assert done.returncode == 5
    assert "training diverged in epoch 1" in done.stderr
    assert "help: try data.standardize=true" in done.stderr
    assert report_of("diagnose", "run", cwd=folder)["status"] == "diverged"
    done = nnctl("train", "deep.yaml", "data.standardize=true", "learning_rate=0.001", "--run", "mended", cwd=folder)
    assert done.returncode == 0


def test_folds_say_each_diagnosis_once(folder: Path) -> None:
    done = nnctl("train", "deep.yaml", "--folds", "3", "-q", "--json", cwd=folder)
    assert done.stderr.count("vanishing gradients: ") == 1
    assert sum("vanishing gradients: " in note for note in json.loads(done.stdout)["notes"]) == 1
    for number in (1, 2, 3):
        report = report_of("diagnose", f"runs/deep/fold-{number}", cwd=folder)
        assert [each["name"] for each in report["diagnoses"]] == ["vanishing_gradients"]
