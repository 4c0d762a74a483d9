"""Transformed targets come back in their own units, whatever their size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl.kernels import cpu

MEAN, STD = np.array([2.0, -3.0]), np.array([0.5, 4.0])


def restored(values: NDArray[np.floating], *, log: bool) -> NDArray[np.float64]:
    out = np.full(values.shape, 7.0)
    cpu.target_units.restore(values, MEAN, STD, out, log)
    return out


@given(
    samples=st.integers(1, 40),
    dtype=st.sampled_from([np.float32, np.float64]),
    log=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_each_column_by_its_own_numbers(samples: int, dtype: type[np.floating], log: bool, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(samples, 2)).astype(dtype)
    linear = values.astype(np.float64) * STD + MEAN
    np.testing.assert_allclose(restored(values, log=log), np.exp(linear) if log else linear, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_too_large_is_infinite_and_nan_stays(dtype: type[np.floating]) -> None:
    values = np.array([[1e30, 1e30], [-1e30, -1e30], [np.nan, np.inf]], dtype)
    np.testing.assert_array_equal(restored(values, log=True), [[np.inf, np.inf], [0, 0], [np.nan, np.inf]])
    np.testing.assert_allclose(restored(values, log=False), [[5e29, 4e30], [-5e29, -4e30], [np.nan, np.inf]])
