"""Images stretched around their means. The same kernel is its own gradient's: its matrix is symmetric."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.exp import mul_add
from nnctl.kernels.cpu.simd.sums import sum_of
from nnctl.kernels.cpu.splitmix import number_between
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, *_: by_sample(len(source), 10.0 + 0.4 * source[0].size))
def forward(begin: int, end: int, source: Array, target: Array, amount: float, key: np.uint64) -> None:
    """target[n] = m + f (source[n] - m), m the mean of source[n], f from 1 - amount to 1 + amount. Both (N, H, W, C).

    The factor of sample n is made of output n of the SplitMix64 stream that starts at key.
    """
    flat, flat_target = source.reshape(len(source), -1), target.reshape(len(source), -1)
    for n in range(begin, end):
        own, out = flat[n], flat_target[n]
        drawn = number_between(key, n, 1.0 - amount, 1.0 + amount)
        factor, rest = source.dtype.type(drawn), source.dtype.type((1.0 - drawn) * (sum_of(own) / len(own)))
        for i in range(len(own)):
            out[i] = mul_add(factor, own[i], rest)


backward = forward
