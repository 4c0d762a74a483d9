"""The examples of configs/, shortened: found in the folder, so that a new one is there without a word about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.config.load import load_config
from nnctl.data.formats.idx import IDX
from nnctl.data.formats.text import Text
from nnctl.model.preparation import open_data

DIGITS = 400  # of an image folder: enough for some batches, the last of which is not full

QUICK = ("perceptron", "reviews", "speech", "weather")  # a table, texts, recordings, a series


def by_speed(configs: Sequence[Path]) -> list[Any]:
    """Parameters of a test of every example: those are slow that are not among the quick ones."""
    return [pytest.param(path, marks=[] if path.stem in QUICK else pytest.mark.slow, id=path.stem) for path in configs]


def shortened(example: Path, folder: Path, epochs: int) -> list[str]:
    """Overrides for so many epochs, with no early stop, on the beginning alone of thousands of images or of a text.

    folder: where the images are written.
    """
    overrides = [f"epochs={epochs}", "early_stopping="]
    loaded = load_config(example)
    for position, rule in enumerate(loaded.config.dynamics):  # each acts, in the first epochs
        never = {"at": None, "every": None, "patience": None, "monitor": None, "begin": 1, "end": None}
        once = never | {"at": [1 + position % (epochs - 1 - rule.lasts)], "min_delta": 0.0}
        overrides += [f"dynamics.{position}.{key}={json.dumps(value)}" for key, value in once.items()]
    source = loaded.config.data
    if isinstance(source, IDX):
        train = source.read(Path(source.source)).train
        assert train is not None
        images = np.asarray(train.inputs)[:DIGITS]
        np.savez(folder / "images.npz", x=images.reshape(*images.shape[:3], -1), y=train.targets[:DIGITS])
        overrides.append(f"data.source={folder / 'images.npz'}")
    elif isinstance(source, Text):
        opened = open_data(loaded).source
        assert isinstance(opened, Text)
        # the network has an output for each of these characters, rare ones included
        overrides += ["data.test=0.97", f"data.vocabulary={json.dumps(opened.vocabulary)}"]
    return overrides
