"""Commands that are printed work as they are printed, whatever the names are."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.support.command import nnctl, report_of

POINTS = "x,y\n" + "".join(f"{row % 7},{row % 7 * 2.5}\n" for row in range(60))
RUN = """data: {source: points.csv, target: y}
layers: [{type: linear, out_features: 1}]
loss: mse
epochs: 1
batch_size: 8
"""
NAMES = ["first try", "it's mine", "50 $HOME", "a;b"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "points.csv").write_text(POINTS)
    (tmp_path / "run.yaml").write_text(RUN)
    return tmp_path


def follow(told: str, mark: str, folder: Path) -> str:
    """Type the command behind a mark; returns it."""
    (command,) = [line.partition(mark)[2] for line in told.splitlines() if mark in line]
    words = shlex.split(command)
    assert words[0] == "nnctl"
    done = nnctl(*words[1:], cwd=folder)
    assert done.returncode == 0, done.stderr
    return command


@pytest.mark.parametrize("name", NAMES)
def test_after_training(folder: Path, name: str) -> None:
    done = nnctl("train", "run.yaml", f"name={name!r}" if ";" in name else f'name="{name}"', cwd=folder)
    assert done.returncode == 0, done.stderr
    assert follow(done.stdout, "next: ", folder) == shlex.join(["nnctl", "eval", f"runs/{name}"])


def test_after_cross_validation(folder: Path) -> None:
    done = nnctl("train", "run.yaml", "--folds", "2", "--run", "my folds", cwd=folder)
    assert follow(done.stdout, "next: ", folder) == "nnctl eval 'my folds/fold-1'"
    refused = nnctl("train", "run.yaml", "--resume", "--run", "my folds", cwd=folder)
    assert "or resume one: --run 'my folds/fold-1'" in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_after_init(folder: Path, name: str) -> None:
    done = nnctl("init", "points.csv", "--target", "y", "-o", f"{name}.yaml", cwd=folder)
    assert follow(done.stdout, "next: ", folder) == shlex.join(["nnctl", "train", f"{name}.yaml"])
    done = nnctl("init", "xor", "-o", name, cwd=folder)
    assert shlex.quote(f"{name}/xor.yaml") in follow(done.stdout, "next: ", folder)


def test_where_runs_are(folder: Path) -> None:
    report_of("train", "run.yaml", "--run", "all runs/of today/1", cwd=folder)
    done = nnctl("runs", "all runs", cwd=folder)
    assert follow(done.stdout, "holds 1 run: ", folder) == "nnctl runs 'all runs/of today'"


@pytest.mark.slow
def test_after_a_sweep(folder: Path) -> None:
    (folder / "my sweep.yaml").write_text("base: run.yaml\nparameters: {learning_rate: [0.1, 0.01]}\n")
    done = nnctl("sweep", "my sweep.yaml", cwd=folder)
    assert follow(done.stdout, "next: ", folder).startswith("nnctl eval 'runs/my sweep/")


def test_a_sweep_that_is_not_a_run(folder: Path) -> None:
    (folder / "my sweep.yaml").write_text("base: run.yaml\nparameters: {learning_rate: [0.1, 0.01]}\n")
    refused = nnctl("train", "my sweep.yaml", cwd=folder)
    assert refused.returncode == 2
    assert "run it with `nnctl sweep 'my sweep.yaml'`" in refused.stderr
