"""Sequences moved along their steps, each by a random number of steps."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.moments import lengths_or_empty, real_positions
from nnctl.kernels.cpu.splitmix import integer_below
from nnctl.kernels.kernel import Array, by_sample, kernel


def shift(source: Array, lengths: Array | None, target: Array, steps: int, key: np.uint64, is_reversed: bool) -> None:
    """target[n, t] = source[n, t - s] where both are real steps, else 0; is_reversed: source[n, t + s]. Both (N, T, F).

    s is a whole number within +-steps, and within +-(length - 1) so that a step stays: output n of the SplitMix64
    stream that starts at key. lengths: (N,) int64, how many steps of each sample are real, or None for all.
    """
    _shift(source, lengths_or_empty(lengths), target, steps, key, is_reversed)


@kernel(lambda source, *_: by_sample(len(source), 10.0 + 0.2 * source[0].size))
def _shift(
    begin: int, end: int, source: Array, lengths: Array, target: Array, steps: int, key: np.uint64, is_reversed: bool
) -> None:
    _, positions, features = source.shape
    flat, flat_target = source.reshape(-1), target.reshape(-1)
    for n in range(begin, end):
        own = real_positions(n, positions, lengths)
        farthest = max(min(steps, own - 1), 0)
        by = integer_below(key, n, 2 * farthest + 1) - farthest
        by = -by if is_reversed else by
        first, last = max(by, 0), own + min(by, 0)  # the steps of the target that have one in the source
        start = n * positions
        flat_target[start * features : (start + first) * features] = 0
        some = flat[(start + first - by) * features : (start + last - by) * features]
        out = flat_target[(start + first) * features : (start + last) * features]
        for i in range(out.size):
            out[i] = some[i]
        flat_target[(start + last) * features : (start + positions) * features] = 0
