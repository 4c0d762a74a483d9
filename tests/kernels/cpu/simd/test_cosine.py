"""Cosine and sine against Python's own."""

from __future__ import annotations

from math import pi

import numpy as np

from nnctl.kernels.cpu.simd.cosine import cosine_and_sine
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda angles, *_: by_sample(angles.size, 1.0))
def of(begin: int, end: int, angles: Array, cosines: Array, sines: Array) -> None:
    for i in range(begin, end):
        cosines[i], sines[i] = cosine_and_sine(angles[i])


def test_they_are_pythons() -> None:
    angles = np.concatenate([[0.0, 1e-300, 1e-9], np.linspace(-pi, pi, 10_001)])
    cosines, sines = np.full_like(angles, np.nan), np.full_like(angles, np.nan)
    of(angles, cosines, sines)
    np.testing.assert_allclose(cosines, np.cos(angles), rtol=0, atol=2e-15)
    np.testing.assert_allclose(sines, np.sin(angles), rtol=1e-14, atol=2e-15)
    np.testing.assert_allclose(sines[:3], angles[:3], rtol=1e-15)
