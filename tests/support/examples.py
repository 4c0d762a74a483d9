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

QUICK = ("perceptron", "weather")  # a table, a series


def by_speed(configs: Sequence[Path]) -> list[Any]:
    """Parameters of a test of every example: those are slow that are not among the quick ones."""
    return [pytest.param(path, marks=[] if path.stem in QUICK else pytest.mark.slow, id=path.stem) for path in configs]


def shortened(example: Path, folder: Path, epochs: int) -> list[str]:
    """Overrides for so many epochs, with no early stop, on the beginning alone of thousands of images or of a text.

    Rules act after the first epoch, and where units are set aside there is an epoch more.
    folder: where the images are written.
    """
    loaded = load_config(example)
    rules = loaded.config.dynamics
    overrides = [f"epochs={epochs + any(rule.lasts for rule in rules)}", "early_stopping="]
    for position, rule in enumerate(rules):  # each acts after the first epoch
        settings: dict[str, Any] = {"at": [1], "every": None, "patience": None, "monitor": None, "min_delta": 0.0}
        settings |= {"begin": 1, "end": None} | ({"epochs": 1} if rule.lasts else {})
        overrides += [f"dynamics.{position}.{key}={json.dumps(value)}" for key, value in settings.items()]
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
