"""The order of the samples in an epoch, and how it is cut into batches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnctl import random


def order(seed: int, epoch: int, samples: int, shuffle: bool = True) -> NDArray[np.int64]:
    """The rows of an epoch in the order they are trained on, (samples,): a function of seed and epoch alone."""
    if not shuffle:
        return np.arange(samples, dtype=np.int64)
    return random.generator(seed, "shuffle", epoch).permutation(samples).astype(np.int64, copy=False)


def steps_per_epoch(samples: int, batch_size: int, drop_last: bool = False) -> int:
    """How many batches an epoch has. drop_last: a last batch that is not full is left out."""
    return samples // batch_size if drop_last else -(-samples // batch_size)


def batch_sizes(samples: int, batch_size: int, drop_last: bool = False) -> list[int]:
    """The size of every batch of an epoch: all full, save perhaps the last."""
    sizes = [batch_size] * (samples // batch_size)
    rest = samples % batch_size
    return sizes if drop_last or not rest else [*sizes, rest]
