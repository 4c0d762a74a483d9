"""Gaussian noise: a hash of a key and the element's index."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.exp import mul
from nnctl.kernels.cpu.simd.normal_quantile import normal_of
from nnctl.kernels.cpu.splitmix import GAMMA, mixed, state_before
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, *_: by_sample(source.size, 3.0))
def add(begin: int, end: int, source: Array, target: Array, std: float, key: np.uint64) -> None:
    """target = source + std x a standard normal number. Both (size,).

    The number of element i is made of output i of the SplitMix64 stream that starts at key.
    """
    state = state_before(key, begin)
    for i in range(begin, end):
        state += GAMMA
        target[i] = source[i] + source.dtype.type(mul(std, normal_of(mixed(state))))
