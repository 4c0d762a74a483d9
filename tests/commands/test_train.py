"""`nnctl train`: its run folder, its output, its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from examples.scores import read_scores
from nnctl import __version__
from tests.support.command import CONFIGS, DATA, checkpoints_of, nnctl, report_of, rows_of

CONFIG = f"""
data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers: [{{type: linear, out_features: 8, activation: tanh}}, {{type: linear, out_features: 1}}]
loss: mse
learning_rate: 0.01
epochs: 4
"""
AS_IT_IS = ("data.numbers.scale=none", "data.target_transform=none")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sine.yaml").write_text(CONFIG)
    return tmp_path


def test_the_json_report(folder: Path) -> None:
    report = report_of("train", "sine.yaml", cwd=folder)
    assert report["run"] == "runs/sine"
    assert report["checkpoint"] == "runs/sine/checkpoints/best.safetensors"
    assert report["epochs"] == 4
    assert report["steps"] == 4 * 5
    assert report["stopped"] == "finished"
    assert report["metrics"].keys() == {"loss", "val_loss", "rmse", "val_rmse", "r2", "val_r2"}
    assert report["seconds"].keys() == {"total", "train", "compile"}
    assert 0 <= report["seconds"]["train"] <= report["seconds"]["total"]
    assert report["samples_per_second"] > 0
    assert report["parameters"] == 8 + 8 + 8 + 1
    assert report["notes"] == []
    assert report["version"] == __version__
    assert json.loads((folder / "runs" / "sine" / "result.json").read_text()) == report


def test_the_run_folder(folder: Path) -> None:
    report_of("train", "sine.yaml", "seed=3", cwd=folder)
    run = folder / "runs" / "sine"
    assert {path.name for path in run.iterdir()} == {
        *("config.yaml", "metrics.jsonl", "diagnostics.jsonl", "result.json", "environment.json"),
        *("checkpoints", ".lock"),
    }
    assert {path.name for path in (run / "checkpoints").iterdir()} == {"last.safetensors", "best.safetensors"}
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert list(rows[0]) == [
        *("epoch", "step", "learning_rate", "loss", "rmse", "r2", "val_loss", "val_rmse", "val_r2"),
        *("grad_norm", "seconds", "samples_per_second"),
    ]
    environment = json.loads((run / "environment.json").read_text())
    assert environment["data"].keys() == {"source/sine.csv"}
    assert environment["versions"]["nnctl"] == __version__


def test_the_resolved_config_runs_again_to_the_same_bits(folder: Path) -> None:
    report_of("train", "sine.yaml", "seed=3", cwd=folder)
    report_of("train", "runs/sine/config.yaml", "--run", "runs/again", cwd=folder)
    run, again = folder / "runs" / "sine", folder / "runs" / "again"  # paths start from there
    assert (again / "config.yaml").read_bytes() == (run / "config.yaml").read_bytes()
    assert checkpoints_of(again) == checkpoints_of(run)
    assert rows_of(again) == rows_of(run)


def test_another_seed_gives_other_bits(folder: Path) -> None:
    report_of("train", "sine.yaml", "--run", "one", cwd=folder)
    report_of("train", "sine.yaml", "seed=1", "--run", "two", cwd=folder)
    assert rows_of(folder / "one") != rows_of(folder / "two")


def test_runs_are_numbered_and_nothing_is_overwritten(folder: Path) -> None:
    for expected in ("runs/sine", "runs/sine-2", "runs/sine-3"):
        assert report_of("train", "sine.yaml", "epochs=1", cwd=folder)["run"] == expected
    refused = nnctl("train", "sine.yaml", "--run", "runs/sine", cwd=folder)
    assert refused.returncode == 2
    assert "runs/sine: is not empty" in refused.stderr
    assert "--resume" in refused.stderr


def test_lines_where_there_is_no_terminal(folder: Path) -> None:
    done = nnctl("train", "sine.yaml", cwd=folder)
    lines = [line for line in done.stderr.splitlines() if line.startswith("epoch")]
    assert len(lines) == 2  # the first and the last: it takes less than a few seconds
    assert lines[0].startswith("epoch 1/4: loss ")
    assert lines[1].startswith("epoch 4/4: loss ")
    assert "\x1b" not in done.stderr + done.stdout
    assert done.stdout.splitlines()[0].startswith("finished after 4 epochs in ")
    assert done.stdout.splitlines()[-1] == "next: nnctl eval runs/sine"


@pytest.mark.parametrize(("epochs", "told"), [(1, "1 epoch"), (2, "2 epochs"), (1_001, "1,001 epochs")])
def test_epochs_have_their_plural(folder: Path, epochs: int, told: str) -> None:
    done = nnctl("train", "sine.yaml", f"epochs={epochs}", cwd=folder)
    assert done.stdout.startswith(f"finished after {told} in ")
    assert len(done.stderr.splitlines()) < 10


def test_quiet_says_nothing(folder: Path) -> None:
    done = nnctl("train", "sine.yaml", "-q", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_compiling_is_said_when_it_happens(folder: Path) -> None:
    cold = nnctl("train", "sine.yaml", cwd=folder, NNCTL_CACHE_DIR=str(folder / "cache"))
    warm = nnctl("train", "sine.yaml", cwd=folder, NNCTL_CACHE_DIR=str(folder / "cache"))
    assert re.search(
        r"^compiling kernels \(once on this machine\)\ncompiled \d+ kernels in [\d.]+ s$", cold.stderr, re.M
    )
    assert "kernels" not in warm.stderr
    (kernels,) = (folder / "cache").iterdir()
    assert kernels.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_what_is_said_of_a_cache_that_cannot_be_kept_is_true(folder: Path) -> None:
    cache = folder / "sine.yaml" / "cache"
    done = nnctl("train", "sine.yaml", "epochs=1", "--json", cwd=folder, NNCTL_CACHE_DIR=str(cache))
    assert done.returncode == 0, done.stderr
    assert [note for note in json.loads(done.stdout)["notes"] if "kernel" in note] == [
        f"the kernel cache {cache} cannot be written; kernels are compiled anew in every run "
        "(NNCTL_CACHE_DIR names another folder)"
    ]
    assert done.stderr.count("kernels are compiled anew in every run") == 1
    assert done.stderr.count("compiling kernels (for this command alone)") == 1
    assert "once on this machine" not in done.stderr


def test_early_stopping(folder: Path) -> None:
    settings = ("epochs=200", "early_stopping.patience=3", "early_stopping.min_delta=0.05")
    report = report_of("train", "sine.yaml", *settings, cwd=folder)
    assert report["stopped"] == "early"
    rows = rows_of(folder / "runs" / "sine")
    assert len(rows) == report["epochs"] < 200
    best, last_gain = float("inf"), 0
    for row in rows:
        if best - row["val_loss"] > 0.05:
            best, last_gain = row["val_loss"], row["epoch"]
    assert report["epochs"] == last_gain + 3


def test_the_best_checkpoint_is_that_of_the_best_epoch(folder: Path) -> None:
    setting = ("train", "sine.yaml", "epochs=12", "learning_rate=0.5", "monitor=val_rmse")
    report = report_of(*setting, *AS_IT_IS, cwd=folder)
    rows = rows_of(folder / "runs" / "sine")
    best = min(rows, key=lambda row: row["val_rmse"])
    assert report["best_epoch"] == best["epoch"] < 12
    assert report["metrics"]["val_rmse"] == best["val_rmse"]
    measured = report_of("eval", "runs/sine", "--split", "validation", cwd=folder)
    assert measured["metrics"]["rmse"] == pytest.approx(best["val_rmse"], rel=1e-6)


def test_divergence_names_epoch_step_and_place_and_keeps_the_best(folder: Path) -> None:
    settings = ("optimizer={type: sgd}", "learning_rate=30", "epochs=40", "batch_size=40")
    done = nnctl("train", "sine.yaml", *settings, *AS_IT_IS, "--json", cwd=folder)
    assert done.returncode == 5
    problem = json.loads(done.stdout)["error"]["problems"][0]
    place = r"(the loss|the \w+( of the \w+)? of layers\.\d(\.activation)? \(\w+\))"
    assert re.fullmatch(
        rf"training diverged in epoch \d+, step \d of 4: first NaN or infinity in {place}", problem["what"]
    )
    assert "learning_rate" in problem["help"]
    weights = load_file(folder / "runs" / "sine" / "checkpoints" / "best.safetensors")
    assert all(np.isfinite(array).all() for array in weights.values())
    assert nnctl("eval", "runs/sine", cwd=folder).returncode == 0


def test_clipping_bounds_the_step(folder: Path) -> None:
    """One step of plain gradient descent moves the parameters by learning_rate times the clipped norm."""
    settings = (
        "optimizer=sgd",
        "learning_rate=1.0",
        "epochs=1",
        "batch_size=160",
        "clip_norm=0.001",
        "precision=float64",
    )
    start = ("layers.0.weight=[[1, 1, 1, 1, 1, 1, 1, 1]]", "layers.1.weight={type: constant, value: 1}")
    report_of("train", "sine.yaml", *settings, *start, cwd=folder)
    weights = load_file(folder / "runs" / "sine" / "checkpoints" / "last.safetensors")
    moved = [weights[f"layers.{layer}.weight"].ravel() - 1 for layer in (0, 1)]
    moved += [weights[f"layers.{layer}.bias"] for layer in (0, 1)]
    assert np.linalg.norm(np.concatenate(moved)) == pytest.approx(0.001, rel=1e-9)


def test_drop_last_leaves_the_short_batch_out(folder: Path) -> None:
    assert report_of("train", "sine.yaml", "epochs=1", "batch_size=50", cwd=folder)["steps"] == 4
    assert report_of("train", "sine.yaml", "epochs=1", "batch_size=50", "data.drop_last=true", cwd=folder)["steps"] == 3


@pytest.mark.parametrize(
    "name", ["perceptron", "gate", "xor", "function", pytest.param("mnist_mlp", marks=pytest.mark.slow)]
)
def test_an_example_learns(name: str, tmp_path: Path) -> None:
    """What configs/README.md says; `make examples` does this for all."""
    (score,) = (score for score in read_scores() if score.config == name)
    report_of("train", score.file, "--run", "run", cwd=tmp_path)
    assert score.holds(report_of("eval", "run", "--split", score.of, cwd=tmp_path)["metrics"][score.metric])


@pytest.mark.slow
def test_the_default_example_reads_digits(tmp_path: Path) -> None:
    report_of("train", CONFIGS / "mnist_cnn.yaml", cwd=tmp_path)
    done = nnctl("eval", "runs/mnist-cnn", "--fail-if", "accuracy<0.98", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "  accuracy 0.98" in done.stdout


def test_the_worked_example_of_backpropagation(tmp_path: Path) -> None:
    """The numbers that the example's well-known text gives, before and after one step."""
    report = report_of("train", CONFIGS / "backpropagation.yaml", cwd=tmp_path)
    assert report["metrics"]["loss"] == pytest.approx(0.298371109, abs=1e-9)
    weights = load_file(tmp_path / "runs" / "backpropagation" / "checkpoints" / "last.safetensors")
    # a column holds the weights into one neuron
    hidden = [[0.149780716, 0.249751144], [0.199561432, 0.299502287]]
    outputs = [[0.358916480, 0.511301270], [0.408666186, 0.561370121]]
    np.testing.assert_allclose(weights["layers.0.weight"], hidden, atol=1e-9, rtol=0)
    np.testing.assert_allclose(weights["layers.1.weight"], outputs, atol=1e-9, rtol=0)
