"""What is done to a flat vector of parameters, gradients or losses as a whole."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, compiled, kernel, shared

CHUNKS = 64  # of a sum: fixed, so that its bits do not depend on the threads


@kernel(lambda vector, partial: shared(CHUNKS, 0.2 * vector.size / CHUNKS))
def square_sums(begin: int, end: int, vector: Array, partial: Array) -> None:
    """The sums of squares of 64 chunks, in float64. vector: (P,). partial: (CHUNKS,) float64.

    Each sums in four strands, so that an addition need not wait for the one before.
    """
    for chunk in range(begin, end):
        first, last = chunk * vector.size // CHUNKS, (chunk + 1) * vector.size // CHUNKS
        quads = (last - first) // 4
        a = b = c = d = 0.0
        for i in range(first, first + 4 * quads, 4):
            a += np.float64(vector[i]) ** 2
            b += np.float64(vector[i + 1]) ** 2
            c += np.float64(vector[i + 2]) ** 2
            d += np.float64(vector[i + 3]) ** 2
        for i in range(first + 4 * quads, last):
            a += np.float64(vector[i]) ** 2
        partial[chunk] = (a + b) + (c + d)


@kernel(lambda vector, *_: shared(vector.size, 0.2))
def clip(begin: int, end: int, vector: Array, norm: Array, limit: float) -> None:
    """vector *= limit / norm where norm > limit. vector: (P,), norm: (1,) float64. Source: Pascanu et al. 2013."""
    if norm[0] > limit:
        share = vector.dtype.type(limit / norm[0])
        for i in range(begin, end):
            vector[i] *= share


@kernel(lambda partial, out: shared(out.size, 0.2 * len(partial)))
def add_chunks(begin: int, end: int, partial: Array, out: Array) -> None:
    """out = the sum of the chunks, added in their order. partial: (chunks, size), out: (size,)."""
    for i in range(begin, end):
        out[i] = partial[0, i]
    for chunk in range(1, partial.shape[0]):
        for i in range(begin, end):
            out[i] += partial[chunk, i]


@compiled
def first_non_finite(vector: Array) -> int:
    """The index of the first NaN or infinity, -1 where there is none. vector: (P,)."""
    for i in range(vector.size):
        if not np.isfinite(vector[i]):
            return i
    return -1


@compiled
def sum_in_order(values: Array) -> float:
    """The sum from the first to the last. values: (N,) float64."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total
