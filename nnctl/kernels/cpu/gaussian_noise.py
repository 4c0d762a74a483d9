"""Gaussian noise: a hash of a key and the element's index."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.normal_quantile import normal_of
from nnctl.kernels.cpu.splitmix import GAMMA, mixed, state_before, state_of_sample
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, *_: by_sample(len(source), 5.0 + 3.0 * source.shape[1]))
def add_to_sequences(begin: int, end: int, source: Array, target: Array, std: float, key: np.uint64) -> None:
    """As `add`, where samples are padded sequences: what lies beyond a length does not change the others' noise.

    source, target: (N, T F). The number of element i of sample n is made of output n 2^40 + i of the stream.
    """
    for n in range(begin, end):
        state = state_of_sample(key, n)
        own, out = source[n], target[n]
        for i in range(len(own)):
            state += GAMMA
            out[i] = own[i] + source.dtype.type(std * normal_of(mixed(state)))


@kernel(lambda source, *_: by_sample(source.size, 3.0))
def add(begin: int, end: int, source: Array, target: Array, std: float, key: np.uint64) -> None:
    """target = source + std x a standard normal number. Both (size,).

    The number of element i is made of output i of the SplitMix64 stream that starts at key.
    """
    state = state_before(key, begin)
    for i in range(begin, end):
        state += GAMMA
        target[i] = source[i] + source.dtype.type(std * normal_of(mixed(state)))
