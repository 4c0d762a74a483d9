"""The norm of the gradient, and clipping to it. The sums of squares are made in chunks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nnctl.kernels.cuda.kernel import Array, cuda, kernel

_CHUNK = 512  # elements of a sum of squares


def chunk(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many elements of a layer's gradients go into one sum. shapes: of its parameters."""
    return _CHUNK


@kernel(lambda gradients, sums, chunk: sums.size)
def square_sums(gradients: Array, sums: Array, chunk: int) -> None:
    """The sum of squares of every so many elements. gradients: (P,), sums: (ceil(P / chunk),) float64."""
    for number in range(cuda.grid(1), sums.size, cuda.gridsize(1)):
        total = 0.0
        for i in range(number * chunk, min((number + 1) * chunk, gradients.size)):
            total += np.float64(gradients[i]) * np.float64(gradients[i])
        sums[number] = total


@kernel()
def norm(sums: Array, norm: Array, state: Array) -> None:
    """norm = the root of all sums of squares, and state += (1, norm) where it is finite. All float64.

    sums: what `square_sums` left. norm: (1,). state: (2,), the steps and the sum of their norms.
    """
    total = 0.0
    for i in range(sums.size):
        total += sums[i]
    norm[0] = math.sqrt(total)
    if math.isfinite(norm[0]):
        state[0] += 1.0
        state[1] += norm[0]


@kernel(lambda gradients, *_: gradients.size)
def clip(gradients: Array, norm: Array, limit: float) -> None:
    """gradients *= limit / norm where norm > limit. gradients: (P,), norm: (1,) float64.

    Source: Pascanu et al. 2013, algorithm 1.
    """
    if norm[0] > limit:
        factor = gradients.dtype.type(limit / norm[0])
        for i in range(cuda.grid(1), gradients.size, cuda.gridsize(1)):
            gradients[i] *= factor
