"""The norm of a gradient, and clipping to it."""

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
    cpu.gradient_norm.square_sums(vector, sums, 1000)
    cpu.gradient_norm.norm(sums, norm, np.zeros(2))
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
    cpu.gradient_norm.clip(vector, np.array([2.0]), 0.3)
    np.testing.assert_array_equal(vector, expected)
    cpu.gradient_norm.clip(vector, np.array([0.3]), 0.3)
    np.testing.assert_array_equal(vector, expected)


def test_the_state_counts_steps_and_adds_their_norms_where_they_are_finite() -> None:
    state, norm = np.zeros(2), np.zeros(1)
    for squares in (9.0, np.inf, 16.0, np.nan):
        cpu.gradient_norm.norm(np.array([squares]), norm, state)
    assert state.tolist() == [2.0, 7.0]


@pytest.mark.parametrize(
    ("shapes", "chunk"),
    [
        (((784, 128), (128,)), 8 * 128),  # the rows that a thread makes of a linear layer's gradient
        (((784, 10),), 80),
        (((3, 3, 4, 8), (8,)), 8192),
        (((5, 3), (2, 1)), 8192),
        (((7,),), 8192),
    ],
)
def test_a_chunk_is_what_a_thread_makes_of_a_matrix(shapes: tuple[tuple[int, ...], ...], chunk: int) -> None:
    assert cpu.gradient_norm.chunk(shapes) == chunk
