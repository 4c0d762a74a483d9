"""What is done to a flat vector of parameters, gradients or losses as a whole."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.jit import Array, kernel, parallel_kernel, prange

CHUNKS = 64  # of a sum: fixed, so that its bits do not depend on the threads


@parallel_kernel
def l2_norm(vector: Array, partial: Array) -> float:
    """The root of the sum of squares, in float64. vector: (P,). partial: (CHUNKS,) float64, to work in.

    Each of 64 chunks sums in four strands, so that an addition need not wait for the one before; they are added in
    order.
    """
    for chunk in prange(CHUNKS):
        begin, end = chunk * vector.size // CHUNKS, (chunk + 1) * vector.size // CHUNKS
        quads = (end - begin) // 4
        a = b = c = d = 0.0
        for i in range(begin, begin + 4 * quads, 4):
            a += np.float64(vector[i]) ** 2
            b += np.float64(vector[i + 1]) ** 2
            c += np.float64(vector[i + 2]) ** 2
            d += np.float64(vector[i + 3]) ** 2
        for i in range(begin + 4 * quads, end):
            a += np.float64(vector[i]) ** 2
        partial[chunk] = (a + b) + (c + d)
    total = 0.0
    for chunk in range(CHUNKS):
        total += partial[chunk]
    return float(np.sqrt(total))


@parallel_kernel
def scale(vector: Array, factor: float) -> None:
    """vector *= factor. vector: (P,)."""
    share = vector.dtype.type(factor)
    for i in prange(vector.size):
        vector[i] *= share


@kernel
def first_non_finite(vector: Array) -> int:
    """The index of the first NaN or infinity, -1 where there is none. vector: (P,)."""
    for i in range(vector.size):
        if not np.isfinite(vector[i]):
            return i
    return -1


@kernel
def sum_in_order(values: Array) -> float:
    """The sum from the first to the last. values: (N,) float64."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total
