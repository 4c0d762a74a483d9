"""What is done to a flat vector of parameters, gradients or losses as a whole."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, compiled, kernel, shared

CHUNK, MOST_CHUNKS, STRANDS = 8192, 32, 64


def partial_sums(size: int) -> tuple[int, int]:
    """The shape of what `square_sums` works in: chunks of the sum, and strands that each is made in.

    They depend on the size alone, so the bits of the sum do, too.
    """
    return min(MOST_CHUNKS, max(1, size // CHUNK)), STRANDS if size >= CHUNK else 4


@compiled
def sum_in_order(values: Array) -> float:
    """The sum from the first to the last. values: (N,) float64."""
    total = 0.0
    for i in range(values.size):
        total += values[i]
    return total


@kernel(lambda vector, partial: shared(len(partial), 0.1 * vector.size / len(partial)))
def square_sums(begin: int, end: int, vector: Array, partial: Array) -> None:
    """The sums of squares of chunks in the first column of partial: partial_sums(P), float64. vector: (P,).

    Each is made in strands, so that an addition need not wait for the one before.
    """
    chunks, strands = partial.shape
    for chunk in range(begin, end):
        sums = partial[chunk]
        sums[:] = 0.0
        last = (chunk + 1) * vector.size // chunks
        for start in range(chunk * vector.size // chunks, last, strands):
            numbers = vector[start : min(start + strands, last)]
            for i in range(len(numbers)):
                sums[i] += np.float64(numbers[i]) ** 2
        sums[0] = sum_in_order(sums)


@kernel(lambda vector, *_: shared(vector.size, 0.2))
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
