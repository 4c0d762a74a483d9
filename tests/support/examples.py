"""The examples of configs/, shortened: found in the folder, so that a new one is there without a word about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnctl.config.load import load_config
from nnctl.data.formats.idx import IDX

DIGITS = 400  # of an image folder: enough for some batches, the last of which is not full


def shortened(example: Path, folder: Path, epochs: int) -> list[str]:
    """Overrides for so many epochs, with no early stop, and of an image folder on the first images alone.

    folder: where these are written.
    """
    overrides = [f"epochs={epochs}", "early_stopping="]
    source = load_config(example).config.data
    if not isinstance(source, IDX):
        return overrides
    train = source.read(Path(source.source)).train
    assert train is not None
    images = np.asarray(train.inputs)[:DIGITS]
    np.savez(folder / "images.npz", x=images.reshape(*images.shape[:3], -1), y=train.targets[:DIGITS])
    return [*overrides, f"data.source={folder / 'images.npz'}"]
