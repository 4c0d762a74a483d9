"""The same samples in two splits: a score on them says nothing about new data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.data.source import Array

WORDS = 1 << 14  # hashed at a time: a few copies of them fit into the nearest cache but one


def row_hashes(inputs: Array) -> NDArray[np.uint64]:
    """64-bit hashes of rows: the same for rows that are the same bit for bit. inputs: (N, ...), of one dtype.

    Sums of the bits in words, each times an odd number of its own. Different rows collide about once in 2^63.
    Source: Dietzfelbinger 1996, multilinear hashing.
    """
    flat = inputs.reshape(len(inputs), -1)
    width = flat.shape[1] * flat.itemsize
    bits = flat.view(np.uint32 if width % 8 else np.uint64)
    factors = random.generator(0, "hashes").integers(0, 1 << 63, bits.shape[1], np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = np.empty(len(bits), np.uint64)
    rows = max(1, WORDS // bits.shape[1])
    for start in range(0, len(bits), rows):
        words = bits[start : start + rows].astype(np.uint64)
        hashes[start : start + rows] = ((words ^ (words >> np.uint64(29))) * factors).sum(axis=1, dtype=np.uint64)
    return hashes
