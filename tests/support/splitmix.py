"""The reference of the random streams in kernels."""

from __future__ import annotations


def splitmix64(seed: int, number: int) -> int:
    """Output `number` (from 0) of the stream that starts at seed."""
    mask = 2**64 - 1
    z = (seed + (number + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def integer_below(seed: int, number: int, bound: int) -> int:
    """The same output as an integer from 0 to bound - 1."""
    return (splitmix64(seed, number) >> 32) * bound >> 32


def number_between(seed: int, number: int, low: float, high: float) -> float:
    """The same output as a number from low to high."""
    return low + (splitmix64(seed, number) >> 11) * 2.0**-53 * (high - low)
