"""Random steps and random features of sequences set to 0."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.moments import lengths_or_empty, real_positions
from nnctl.kernels.cpu.splitmix import integer_below
from nnctl.kernels.kernel import Array, by_sample, kernel


def mask(source: Array, lengths: Array | None, target: Array, steps: int, features: int, key: np.uint64) -> None:
    """target = source, but 0 in some steps in a row and in some features in a row, and beyond a length. Both (N, T, F).

    How many steps, from 0 to `steps` and to length - 1, and the first of them are outputs 4 n and 4 n + 1 of the
    SplitMix64 stream that starts at key, and those of the features outputs 4 n + 2 and 4 n + 3. lengths: (N,) int64,
    how many steps of each sample are real, or None for all.
    """
    _mask(source, lengths_or_empty(lengths), target, steps, features, key)


@kernel(lambda source, *_: by_sample(len(source), 20.0 + 0.3 * source[0].size))
def _mask(
    begin: int, end: int, source: Array, lengths: Array, target: Array, steps: int, features: int, key: np.uint64
) -> None:
    _, positions, width = source.shape
    flat, flat_target = source.reshape(-1), target.reshape(-1)
    for n in range(begin, end):
        own = real_positions(n, positions, lengths)
        masked_steps = integer_below(key, 4 * n, max(min(steps, own - 1), 0) + 1)
        first_step = integer_below(key, 4 * n + 1, own - masked_steps + 1)
        masked_features = integer_below(key, 4 * n + 2, features + 1)
        first_feature = integer_below(key, 4 * n + 3, width - masked_features + 1)
        start, stop = n * positions * width, (n * positions + own) * width
        some, out = flat[start:stop], flat_target[start:stop]
        for i in range(out.size):
            out[i] = some[i]
        out[first_step * width : (first_step + masked_steps) * width] = 0
        if masked_features:
            for at in range(first_feature, out.size, width):
                out[at : at + masked_features] = 0
        flat_target[stop : (n + 1) * positions * width] = 0
