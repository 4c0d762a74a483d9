"""SplitMix64: streams of random bits, each a function of a key, in which any number can be had by itself.

Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", figure 16.
"""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import compiled

GAMMA = np.uint64(0x9E3779B97F4A7C15)  # from a state to the next
_SAMPLE = np.uint64(1 << 40)  # outputs of a stream
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@compiled
def state_before(key: np.uint64, number: int) -> np.uint64:
    """The state to which GAMMA is added to make that of output `number`, from 0, of the stream that starts at key."""
    return key + np.uint64(number) * GAMMA


@compiled
def state_of_sample(key: np.uint64, sample: int) -> np.uint64:
    """The state before the first of 2^40 outputs that a sample of padded ones has for itself, however wide it is."""
    return key + np.uint64(sample) * _SAMPLE * GAMMA


@compiled
def mixed(z: np.uint64) -> np.uint64:
    """The output of a state: 64 random bits."""
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


@compiled
def threshold_of(p: float) -> np.uint64:
    """What random bits are below with probability p, in steps of 2^-53. p: 0 <= p < 1."""
    return np.uint64(p * 2.0**53) << np.uint64(11)


@compiled
def integer_below(key: np.uint64, number: int, bound: int) -> int:
    """Output `number` of a stream as an integer from 0 to bound - 1, all equally likely but for 2^-32 x bound.

    bound: 1 to 2^31. Source: Lemire 2019, "Fast random integer generation in an interval", without rejection.
    """
    bits = mixed(state_before(key, number) + GAMMA) >> np.uint64(32)
    return int((bits * np.uint64(bound)) >> np.uint64(32))


@compiled
def number_between(key: np.uint64, number: int, low: float, high: float) -> float:
    """Output `number` of a stream as a float64 from low to high, in steps of 2^-53 of the way."""
    bits = mixed(state_before(key, number) + GAMMA) >> np.uint64(11)
    return low + np.float64(bits) * 2.0**-53 * (high - low)
