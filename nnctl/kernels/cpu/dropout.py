"""The mask of dropout: a hash of a key and the element's index, so that both directions make the same one."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, by_sample, compiled, kernel

# SplitMix64, Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", figure 16.
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@compiled
def _mixed(z: np.uint64) -> np.uint64:
    """64 random bits from a state of the SplitMix64 stream."""
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


_SAMPLE = np.uint64(1 << 40)  # elements of the stream that a sample has for itself


@kernel(lambda source, *_: by_sample(len(source), 5.0 + 0.3 * source.shape[1]))
def mask_sequences(begin: int, end: int, source: Array, target: Array, p: float, key: np.uint64) -> None:
    """As `mask`, where samples are padded sequences: what lies beyond a length does not change the others' masks.

    source, target: (N, T F). Element i of sample n is decided by output n 2^40 + i of the stream.
    """
    zero, scale = source.dtype.type(0), source.dtype.type(1.0 / (1.0 - p))
    threshold = np.uint64(p * 2.0**53) << np.uint64(11)
    for n in range(begin, end):
        state = key + np.uint64(n) * _SAMPLE * _GAMMA
        own, out = source[n], target[n]
        for i in range(len(own)):
            state += _GAMMA
            out[i] = zero if _mixed(state) < threshold else own[i] * scale


@kernel(lambda source, *_: by_sample(source.size, 0.3))
def mask(begin: int, end: int, source: Array, target: Array, p: float, key: np.uint64) -> None:
    """target = 0 with probability p, else source / (1 - p), in the forward and the backward pass. Both (size,).

    Element i is decided by output i of the SplitMix64 stream that starts at key.
    """
    zero, scale = source.dtype.type(0), source.dtype.type(1.0 / (1.0 - p))
    threshold = np.uint64(p * 2.0**53) << np.uint64(11)  # p of all 2^64, in steps of 2^-53
    state = key + np.uint64(begin) * _GAMMA
    for i in range(begin, end):
        state += _GAMMA
        target[i] = zero if _mixed(state) < threshold else source[i] * scale
