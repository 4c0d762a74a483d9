"""The mask of dropout: a hash of a key and the element's index, so that both directions make the same one."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.splitmix import GAMMA, mixed, state_before, state_of_sample, threshold_of
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, *_: by_sample(len(source), 5.0 + 0.3 * source.shape[1]))
def mask_sequences(begin: int, end: int, source: Array, target: Array, p: float, key: np.uint64) -> None:
    """As `mask`, where samples are padded sequences: what lies beyond a length does not change the others' masks.

    source, target: (N, T F). Element i of sample n is decided by output n 2^40 + i of the stream.
    """
    zero, scale = source.dtype.type(0), source.dtype.type(1.0 / (1.0 - p))
    threshold = threshold_of(p)
    for n in range(begin, end):
        state = state_of_sample(key, n)
        own, out = source[n], target[n]
        for i in range(len(own)):
            state += GAMMA
            out[i] = zero if mixed(state) < threshold else own[i] * scale


@kernel(lambda source, *_: by_sample(source.size, 0.3))
def mask(begin: int, end: int, source: Array, target: Array, p: float, key: np.uint64) -> None:
    """target = 0 with probability p, else source / (1 - p), in the forward and the backward pass. Both (size,).

    Element i is decided by output i of the SplitMix64 stream that starts at key.
    """
    zero, scale = source.dtype.type(0), source.dtype.type(1.0 / (1.0 - p))
    threshold, state = threshold_of(p), state_before(key, begin)
    for i in range(begin, end):
        state += GAMMA
        target[i] = zero if mixed(state) < threshold else source[i] * scale
