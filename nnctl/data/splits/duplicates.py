"""The same samples in two splits: a score on them says nothing about new data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.data.splits.selection import Split

WORDS = 1 << 14  # hashed at a time: a few copies of them fit into the nearest cache but one


def row_hashes(split: Split) -> NDArray[np.uint64]:
    """64-bit hashes of samples, (N,): the same for inputs that are the same bit for bit.

    Sums of the bits in words, each times an odd number of its own. Different rows collide about once in 2^63.
    Source: Dietzfelbinger 1996, multilinear hashing.
    """
    bytes_ = split.inputs[0].nbytes
    word = next(size for size in (8, 4, 2, 1) if bytes_ % size == 0)
    width = bytes_ // word
    factors = random.generator(0, "hashes").integers(0, 1 << 63, width, np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = np.empty(len(split), np.uint64)
    rows = max(1, WORDS // width)
    for start in range(0, len(split), rows):
        own = split.raw(slice(start, start + rows))
        words = own.reshape(len(own), -1).view(f"u{word}").astype(np.uint64)
        hashes[start : start + rows] = ((words ^ (words >> np.uint64(29))) * factors).sum(axis=1, dtype=np.uint64)
    return hashes
