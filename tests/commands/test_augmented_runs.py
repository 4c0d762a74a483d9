"""Runs with every kind of augmentation: the same bits on any threads, stopped and resumed or not."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import COMMAND, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.kills import MOMENTS, SAVE_ALWAYS, killed_before

CONFIG = """
name: augmented
seed: 5
data: {source: images.npz, validation: 0.2}
layers:
  - {type: random_crop, padding: 1}
  - {type: random_flip}
  - {type: random_affine, degrees: 20, scale: [0.8, 1.2], shift: 0.1}
  - {type: random_brightness, amount: 0.2}
  - {type: random_contrast, amount: 0.3}
  - {type: gaussian_noise, std: 0.05}
  - {type: cutout, size: 3}
  - {type: mixup, alpha: 1.0}
  - {type: conv2d, out_channels: 4, kernel_size: 3, activation: relu}
  - {type: random_flip, axis: vertical} # behind parameters, so that gradients go through it
  - flatten
  - {type: linear, out_features: 3}
loss: cross_entropy
batch_size: 7
epochs: 4
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    np.savez(tmp_path / "images.npz", x=random.integers(0, 256, (40, 9, 8, 3), np.uint8), y=np.arange(40) % 3)
    (tmp_path / "config.yaml").write_text(CONFIG)
    report_of("train", "config.yaml", "--run", "whole", cwd=tmp_path)
    return tmp_path


def check_same(folder: Path, run: str) -> None:
    assert rows_of(folder / run) == rows_of(folder / "whole")
    assert checkpoints_of(folder / run) == checkpoints_of(folder / "whole")


@pytest.mark.slow
def test_on_two_threads(folder: Path) -> None:
    report_of("train", "config.yaml", "--run", "two", "--threads", "2", cwd=folder, NUMBA_NUM_THREADS="2")
    check_same(folder, "two")


def test_resumed(folder: Path) -> None:
    report_of("train", "config.yaml", "--run", "two", "epochs=2", cwd=folder)
    report_of("train", "config.yaml", "--run", "two", "--resume", cwd=folder)
    assert rows_of(folder / "two") == rows_of(folder / "whole")
    assert checkpoints_of(folder / "two")["last.safetensors"] == checkpoints_of(folder / "whole")["last.safetensors"]


@pytest.mark.slow
def test_killed_and_resumed(folder: Path) -> None:
    (folder / "config.yaml").write_text(CONFIG.replace("epochs: 4", "epochs: 200"))
    report_of("train", "config.yaml", "--run", "long", cwd=folder)
    arguments = "train", "config.yaml", "--run", "run", "--resume", "-q"
    for moment in MOMENTS:
        statements = f"{SAVE_ALWAYS}\n{killed_before(moment)}\n{COMMAND[-1]}"
        killed = subprocess.run(
            [*COMMAND[:-1], statements, *arguments], cwd=folder, env=surroundings(), capture_output=True, timeout=60
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = nnctl(*arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert rows_of(folder / "run") == rows_of(folder / "long")
    assert checkpoints_of(folder / "run") == checkpoints_of(folder / "long")
