"""Small coloured pictures of four classes, which no network tells apart whose axes are in the wrong order."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.command import nnctl, report_of

CONFIG = """
data: SOURCE
layers:
  - {type: conv2d, out_channels: 8, kernel_size: 3, activation: relu}
  - {type: max_pool2d, kernel_size: 2}
  - flatten
  - {type: linear, out_features: 4}
loss: cross_entropy
learning_rate: 0.005
epochs: 4
"""
CORNERS = [(1, 1), (1, 7), (7, 1), (7, 7)]


def pictures(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """(count, 12, 12, 3), noise with a bright square in the corner that is the class, (count,). 0 and 255 are there."""
    stream = np.random.default_rng(seed)
    labels = np.arange(count) % 4
    images = stream.integers(0, 90, (count, 12, 12, 3))
    for image, label in zip(images, labels, strict=True):
        row, column = CORNERS[label]
        image[row : row + 4, column : column + 4] += 120
    images[:, 0, 0], images[:, 0, 1] = 0, 255
    return images.astype(np.uint8), labels


def channels_first(images: NDArray[Any]) -> NDArray[Any]:
    """(N, 3, H, W) of (N, H, W, 3)."""
    return np.moveaxis(images, -1, 1)


def write_config(folder: Path, source: str) -> Path:
    """A config that learns the classes in about a second."""
    path = folder / "run.yaml"
    path.write_text(CONFIG.replace("SOURCE", source))
    return path


X, Y = pictures(240, 0)
X_NEW, Y_NEW = pictures(80, 1)


def notes_of(*arguments: str | Path, cwd: Path) -> str:
    """What a command says beside its result, which must have ended well."""
    done = nnctl(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return " ".join(line for line in done.stderr.splitlines() if line.startswith("note: ") and "compil" not in line)


def right(folder: Path, run: str, file: str) -> float:
    """The share of the new pictures that are predicted rightly."""
    done = nnctl("predict", run, file, cwd=folder)
    assert done.returncode == 0, done.stderr
    rows = csv.DictReader(done.stdout.splitlines())
    return float(np.mean([int(row["prediction"]) == label for row, label in zip(rows, Y_NEW, strict=True)]))


def accuracy(folder: Path, run: str, file: str) -> float:
    return float(report_of("eval", run, "--data", file, cwd=folder)["metrics"]["accuracy"])
