"""Values that no run can have: refused with their place and a remedy. Odd ones that can be meant are taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.command import DATA, nnctl, report_of
from tests.support.refusal import refusal_of
from tests.support.sources import digits

LINE = """data: {source: line.csv, target: y}
layers: [{type: linear, out_features: 4}, {type: linear, out_features: 1}]
loss: mse
batch_size: 2
epochs: 3
"""  # the text that a row adds begins in line 6
IMAGES = """data: digits.npz
layers:
  - LAYER
  - flatten
  - {type: linear, out_features: 3}
loss: cross_entropy
batch_size: 2
"""

# row: (what is added, its place, the key, what is wrong, the remedy)
ADDED: dict[str, tuple[str, str, str, str, str]] = {
    "16 on": ("early_stopping: {patience: on}", "6:28", "early_stopping.patience", "is text (on)", "write digits"),
    "17 sexagesimal": ("learning_rate: 1:30", "6:16", "learning_rate", "is text (1:30), a number was", "write digits"),
    "17 underscore": ("seed: 1_000", "6:7", "seed", "is text (1_000), a whole number was expected", "write 1000"),
    "17 date": ("seed: 2024-01-01", "6:7", "seed", "is text (2024-01-01)", "write digits"),
    "20 nan": ("learning_rate: .nan", "6:16", "learning_rate", "is nan, a finite number was expected", "leave it out"),
    "20 inf": ("learning_rate: .inf", "6:16", "learning_rate", "is inf, a finite number was expected", "leave it out"),
    "20 too large": ("learning_rate: 1e999", "6:16", "learning_rate", "is inf, a finite number", "for 0.001, the default"),
    "20 negative": ("learning_rate: -1", "6:16", "learning_rate", "is -1, a number above 0 was expected", "leave it out"),
    "21 misspelt": ("lerning_rate: 1", "6:1", "lerning_rate", "there is no such key", "did you mean learning_rate?"),
    "21 misspelt kind": ("optimizer: {type: sdg}", "6:19", "optimizer", "there is no 'sdg' here", "did you mean sgd?"),
    "26 path": ("name: ../../x", "6:7", "name", "is '../../x', which cannot name a folder", "letters, digits"),
    "26 empty": ("name: ''", "6:7", "name", "is '', which cannot name a folder", "letters, digits, - and _"),
    "26 long": (f"name: {'x' * 300}", "6:7", "name", "at most 100 characters were expected", "give at most 100"),
    "27 negative": ("seed: -1", "6:7", "seed", "is -1, a number of at least 0 was expected", "leave it out for 0"),
    "27 huge": (f"seed: {2**70}", "6:7", "seed", "is a number of 22 digits, a number below", "leave it out for 0"),
    "66 cuda": ("device: cuda", "6:9", "device", "is cuda, which this version of nnctl does not have", "use cpu"),
}

# row: (what stands in the place of what, the place, the key, what is wrong, the remedy)
CHANGED: dict[str, tuple[str, str, str, str, str, str]] = {
    "16 shuffle": ("target: y", "target: y, shuffle: on", "1:47", "data.shuffle", "is text (on), true or", "use true"),
    "18 list": ("target: y", "target: y, shape: '64,32'", "1:45", "data.shape", "a list was expected", "use [64, 32]"),
    "19 fraction": ("epochs: 3", "epochs: 1.0", "5:9", "epochs", "is 1.0, a whole number was expected", "write 1"),
    "19 truth": ("epochs: 3", "epochs: true", "5:9", "epochs", "is true, a whole number was", "leave it out for 10"),
    "19 quotes": ("epochs: 3", 'epochs: "3"', "5:9", "epochs", "is text (3), a whole number", "take the quotes away"),
    "22 none": ("size: 2", "size: 0", "4:13", "batch_size", "is 0, a number of at least 1", "leave it out for 32"),
    "22 too large": ("size: 2", "size: 9", "4:13", "batch_size", "is 9, there are 4 training samples", "use at most 4"),
    "23 memory": ("s: 4}", "s: 1000000000}", "2:10", "layers.0", "of memory", "make this layer smaller"),
    "24 outputs": ("s: 1}", "s: 3}", "2:43", "layers.1", "gives 3 outputs, the data has 1 target columns", "give the last"),
    "28 values": ("s: 1}", "s: 1, weight: [[1]]}", "2:86", "layers.1.weight", "has shape", "give 4 x 1 numbers"),
    "25 sigmoid": ("loss: mse", "loss: {type: hubr}", "3:14", "loss", "there is no 'hubr' here", "did you mean huber?"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "line.csv").write_text("x,y\n1,2\n2,3\n3,5\n4,6\n")
    images, labels = digits(6)
    np.savez(tmp_path / "digits.npz", x=images[..., np.newaxis], y=labels)
    return tmp_path
