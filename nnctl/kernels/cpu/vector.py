"""Operations on a whole flat vector of parameters or gradients."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.sum_of_squares import sum_of_squares
from nnctl.kernels.kernel import Array, by_item, compiled, kernel

CHUNK = 8192  # elements of a sum of squares, unless the caller wants another number


@kernel(lambda vector, sums, width: by_item(len(sums), 0.1 * width))
def square_sums(begin: int, end: int, vector: Array, sums: Array, width: int) -> None:
    """sums = the sum of squares of every `width` elements. vector: (P,), sums: (ceil(P / width),) float64."""
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
    """The index of the first NaN or infinity, -1 if there is none. vector: (P,)."""
    for i in range(vector.size):
        if not np.isfinite(vector[i]):
            return i
    return -1
