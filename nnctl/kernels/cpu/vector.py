"""What is done to a flat vector of parameters, gradients or losses as a whole."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.sum_of_squares import sum_of_squares
from nnctl.kernels.kernel import Array, by_item, compiled, kernel

CHUNK = 8192  # elements of a sum of squares, where nothing else is wanted


@compiled
def sum_in_order(values: Array) -> float:
    """The sum from the first to the last. values: (N,) float64."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


@compiled
def sum_in_strands(values: Array) -> float:
    """The sum of four sums side by side, so that an addition need not wait for the one before. values: (N,) float64."""
    first, second, third, fourth = 0.0, 0.0, 0.0, 0.0
    for i in range(0, values.size - 3, 4):
        first += values[i]
        second += values[i + 1]
        third += values[i + 2]
        fourth += values[i + 3]
    for i in range(values.size // 4 * 4, values.size):
        first += values[i]
    return first + second + (third + fourth)


@kernel(lambda vector, width, sums: by_item(len(sums), 0.1 * width))
def square_sums(begin: int, end: int, vector: Array, width: int, sums: Array) -> None:
    """The sum of squares of every so many elements. vector: (P,), sums: (ceil(P / width),) float64."""
    for chunk in range(begin, end):
        sums[chunk] = sum_of_squares(vector, chunk * width, min((chunk + 1) * width, vector.size))


@kernel(lambda vector, *_: by_item(vector.size, 0.2))
def clip(begin: int, end: int, vector: Array, norm: Array, limit: float) -> None:
    """vector *= limit / norm where norm > limit. vector: (P,), norm: (1,) float64. Source: Pascanu et al. 2013."""
    if norm[0] > limit:
        share = vector.dtype.type(limit / norm[0])
        for i in range(begin, end):
            vector[i] *= share


@compiled
def first_non_finite(vector: Array) -> int:
    """The index of the first NaN or infinity, -1 where there is none. vector: (P,)."""
    for i in range(vector.size):
        if not np.isfinite(vector[i]):
            return i
    return -1
