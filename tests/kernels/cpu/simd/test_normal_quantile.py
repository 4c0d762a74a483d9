"""The normal quantile against Python's own, and the distribution of what is made of random bits."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from nnctl import random
from nnctl.kernels.cpu.simd.normal_quantile import normal_of
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda bits, outputs: by_sample(bits.size, 1.0))
def normals(begin: int, end: int, bits: Array, outputs: Array) -> None:
    for i in range(begin, end):
        outputs[i] = normal_of(bits[i])


def of(bits: Array) -> Array:
    outputs = np.full(bits.size, np.nan)
    normals(bits, outputs)
    return outputs


def test_it_is_pythons() -> None:
    """Also at both ends, and where one formula takes over from another."""
    edges = [int((0.5 + q) * 2**32) + k for q in (-0.425, 0.425) for k in (-1, 0)]
    ends = np.array([0, 1, *edges, 2**32 - 2, 2**32 - 1], np.uint64)
    first = np.concatenate([ends, random.generator(3, "quantile", 0).integers(0, 2**32, 20_000, np.uint64)])
    inverse = NormalDist().inv_cdf
    expected = [inverse((int(number) + 0.5) / 2**32) for number in first]
    np.testing.assert_allclose(of(first << np.uint64(32)), expected, rtol=1e-13, atol=1e-16)


def test_what_it_makes_is_standard_normal() -> None:
    numbers = np.sort(of(random.generator(3, "quantile", 1).integers(0, 2**64, 100_000, np.uint64)))
    assert abs(numbers.mean()) < 4 / np.sqrt(numbers.size)
    assert abs(numbers.var() - 1) < 4 * np.sqrt(2 / numbers.size)
    shares = np.array([NormalDist().cdf(number) for number in numbers[::100]])
    assert np.abs(shares - np.arange(0, 1, 0.001)).max() < 2 / np.sqrt(numbers.size)  # Kolmogorov and Smirnov
