"""Operations on a whole flat vector: against NumPy and exact sums, on any number of threads."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnctl import random
from nnctl.kernels import cpu
from tests.support.threads import threads

SIZES = [0, 1, 5, 63, 64, 65, 1000, 10_007, 100_003]


def vector_of(size: int, dtype: type[np.floating]) -> np.ndarray:
    return random.generator(11, "vector test", size).normal(size=size).astype(dtype)


def norm_of(vector: np.ndarray) -> float:
    sums, norm = np.full(-(-vector.size // 1000), np.nan), np.full(1, np.nan)
    cpu.vector.square_sums(vector, sums, 1000)
    cpu.reductions.gradient_norm(sums, norm, np.zeros(1))
    return float(norm[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_l2_norm(size: int, dtype: type[np.floating]) -> None:
    vector = vector_of(size, dtype)
    expected = math.sqrt(math.fsum(float(value) ** 2 for value in vector))
    found = set()
    for number in (1, 2):
        with threads(number):
            found.add(norm_of(vector))
    assert len(found) == 1
    assert found.pop() == pytest.approx(expected, rel=1e-14)


def test_l2_norm_does_not_overflow_in_float32_and_tells_of_nan() -> None:
    assert norm_of(np.full(4, 1e30, np.float32)) == pytest.approx(2e30, rel=1e-7)
    assert math.isnan(norm_of(np.array([1.0, np.nan, 2.0], np.float32)))
    assert norm_of(np.array([1.0, -np.inf], np.float32)) == math.inf


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_clip(size: int, dtype: type[np.floating]) -> None:
    vector = vector_of(size, dtype)
    expected = vector * dtype(0.3 / 2.0)
    cpu.vector.clip(vector, np.array([2.0]), 0.3)
    np.testing.assert_array_equal(vector, expected)
    cpu.vector.clip(vector, np.array([0.3]), 0.3)
    np.testing.assert_array_equal(vector, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_first_non_finite(dtype: type[np.floating], value: float) -> None:
    vector = vector_of(100, dtype)
    assert cpu.vector.first_non_finite(vector) == -1
    vector[[99, 41]] = value
    assert cpu.vector.first_non_finite(vector) == 41
    assert cpu.vector.first_non_finite(vector[:0]) == -1
