"""The same samples in two splits: a score on them says nothing about new data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.data.source import Array

ROWS = 4096  # turned into numbers at a time


def count_known(inputs: Array, known: Array) -> int:
    """How many rows of inputs are, bit for bit, among the known. inputs, known: (N, ...), (M, ...), of one dtype."""
    return int(np.isin(_row_hashes(inputs), _row_hashes(known)).sum())


def _row_hashes(inputs: Array) -> NDArray[np.uint64]:
    """64-bit hashes of the rows: sums of their bits in words, each times an odd number of its own.

    Different rows collide about once in 2^63. Source: Dietzfelbinger 1996, multilinear hashing.
    """
    flat = inputs.reshape(len(inputs), -1)
    bits = flat.view(np.uint32 if flat.itemsize == 4 else np.uint64)
    factors = random.generator(0, "hashes").integers(0, 1 << 63, bits.shape[1], np.uint64) * np.uint64(2) + np.uint64(1)
    hashes = np.empty(len(bits), np.uint64)
    for start in range(0, len(bits), ROWS):
        words = bits[start : start + ROWS].astype(np.uint64)
        hashes[start : start + ROWS] = ((words ^ (words >> np.uint64(29))) * factors).sum(axis=1, dtype=np.uint64)
    return hashes
