"""The same samples in two splits: a score on them says nothing about new data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.data.source import Array

ROWS = 4096  # turned into bytes at a time


def count_known(inputs: Array, rows: Array, known: Array, known_rows: Array) -> int:
    """How many of these rows of inputs are, byte for byte, among the known ones. inputs, known: (N, ...), (M, ...)."""
    dtype = np.result_type(inputs.dtype, known.dtype)
    seen = set(_row_hashes(known, known_rows, dtype))
    return sum(row in seen for row in _row_hashes(inputs, rows, dtype))


def _row_hashes(inputs: Array, rows: Array, dtype: np.dtype[np.generic]) -> Iterator[int]:
    """64-bit hashes of the rows' bytes; different rows collide once in 2^64."""
    for start in range(0, len(rows), ROWS):
        block = np.ascontiguousarray(inputs[rows[start : start + ROWS]], dtype=dtype).reshape(-1)
        count = min(ROWS, len(rows) - start)
        yield from map(hash, block.view(np.dtype((np.void, block.nbytes // count))).tolist())
