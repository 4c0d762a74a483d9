"""The directions in which a matrix is largest, to the same bits on every machine with the same arithmetic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

ROUNDS = 200


def right_singular_vectors(matrix: Float64, count: int, start: Float64) -> Float64:
    """The first of them, (count, K), orthonormal rows. matrix: (M, K). start: (count, K), where the search begins.

    Orthogonal iteration with a fixed number of rounds, by sums that no library divides among threads: Golub and Van
    Loan, "Matrix computations", section 8.2.4.
    """
    size = np.abs(matrix).max(initial=0.0)
    gram = np.einsum("mk,ml->kl", matrix / (size or 1.0), matrix / (size or 1.0))
    vectors = orthonormal(start)
    for _ in range(ROUNDS):
        vectors = orthonormal(np.einsum("ck,kl->cl", vectors, gram), vectors)
    return vectors


def orthonormal(rows: Float64, otherwise: Float64 | None = None) -> Float64:
    """The rows made orthonormal one after the other, twice over (Gram-Schmidt). otherwise: in the place of a row of
    which nothing is left, where it is not given an axis."""
    found: list[Float64] = []
    for at, row in enumerate(rows):
        choices = [row, *([] if otherwise is None else [otherwise[at]]), *np.eye(len(row))]
        found.append(next(unit for choice in choices if (unit := _beside(choice, found)) is not None))
    return np.array(found)


def _beside(row: Float64, others: list[Float64]) -> Float64 | None:
    """What is left of a row at right angles to others, of length 1; None where next to nothing is."""
    length = np.sqrt(np.square(row).sum())
    if not length > 0:
        return None
    row = row / length
    for _ in range(2):
        for other in others:
            row = row - (row * other).sum() * other
    left = np.sqrt(np.square(row).sum())
    return row / left if left > 1e-8 else None
