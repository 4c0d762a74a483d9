"""The mask of dropout of whole channels: a hash of a key, the sample and the channel."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.splitmix import GAMMA, mixed, state_before, threshold_of
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, factors, *_: by_sample(len(source), 1.0 * factors.shape[1] + 0.2 * source[0].size))
def mask(begin: int, end: int, source: Array, factors: Array, target: Array, p: float, key: np.uint64) -> None:
    """target = 0 in a whole channel with probability p, else source / (1 - p). Both (N, P, C).

    Channel c of sample n is decided by output n C + c of the SplitMix64 stream that starts at key. factors: (N, W),
    scratch, where W is a multiple of C: each sample's, repeated side by side, so that loops are long where channels
    are few.
    """
    _, positions, channels = source.shape
    width = factors.shape[1]
    flat, flat_target = source.reshape(-1), target.reshape(-1)
    zero, scale = source.dtype.type(0), source.dtype.type(1.0 / (1.0 - p))
    threshold = threshold_of(p)
    for n in range(begin, end):
        own, state = factors[n], state_before(key, n * channels)
        for c in range(channels):
            state += GAMMA
            own[c] = zero if mixed(state) < threshold else scale
        for first in range(channels, width, channels):
            for c in range(channels):
                own[first + c] = own[c]
        stop = (n + 1) * positions * channels
        for at in range(n * positions * channels, stop, width):
            some, out = flat[at : min(at + width, stop)], flat_target[at : min(at + width, stop)]
            for i in range(some.size):
                out[i] = some[i] * own[i] if own[i] > zero else zero  # also of NaN and infinity
