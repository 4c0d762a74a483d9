"""The finite-difference gradient that every layer and loss is checked against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def numerical_gradient(function: Callable[[], float], at: Float64, step: float = 1e-5) -> Float64:
    """Central differences of a scalar function of the array `at`, which is changed in place and restored."""
    gradient = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        kept = at[index]
        at[index] = kept + step
        above = function()
        at[index] = kept - step
        below = function()
        at[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(actual: Float64, expected: Float64) -> float:
    """|actual - expected| over the larger of the two norms; 0 where both are zero."""
    scale = max(np.linalg.norm(actual), np.linalg.norm(expected))
    return float(np.linalg.norm(actual - expected) / scale) if scale else 0.0
