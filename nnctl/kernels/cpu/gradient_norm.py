"""The norm of the gradient, and clipping to it. The sums of squares are made in chunks, whatever the threads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnctl.kernels.cpu.reductions import unrolled_sum
from nnctl.kernels.cpu.simd.sums import sum_of_squares
from nnctl.kernels.kernel import Array, by_element, by_item, kernel
from nnctl.kernels.runtime.program import BLOCK

_CHUNK = 8192  # elements of a sum of squares, where nothing else is wanted


def chunk(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many elements of a layer's gradients go into one sum. shapes: of its parameters.

    For a matrix, and a bias of as many columns, these are the rows that a thread makes in one go.
    """
    matrix, *others = shapes
    is_matrix = len(matrix) == 2 and all(shape == matrix[1:] for shape in others) and len(others) <= 1
    return BLOCK * matrix[1] if is_matrix else _CHUNK


@kernel(lambda gradients, sums, chunk: by_element(gradients, 0.1, chunk))
def square_sums(begin: int, end: int, gradients: Array, sums: Array, chunk: int) -> None:
    """The sum of squares of every so many elements. gradients: (P,), sums: (ceil(P / chunk),) float64."""
    for number in range(begin, end):
        sums[number] = sum_of_squares(gradients[number * chunk : (number + 1) * chunk])


@kernel()
def norm(begin: int, end: int, sums: Array, norm: Array, state: Array) -> None:
    """norm = the root of all sums of squares, and state += (1, norm) where it is finite. All float64.

    sums: what `square_sums` left. norm: (1,). state: (2,), the steps and the sum of their norms.
    """
    norm[0] = np.sqrt(unrolled_sum(sums))
    if np.isfinite(norm[0]):
        state[0] += 1.0
        state[1] += norm[0]


@kernel(lambda gradients, *_: by_item(gradients.size, 0.2))
def clip(begin: int, end: int, gradients: Array, norm: Array, limit: float) -> None:
    """gradients *= limit / norm where norm > limit. gradients: (P,), norm: (1,) float64.

    Source: Pascanu et al. 2013, algorithm 1.
    """
    if norm[0] > limit:
        factor = gradients.dtype.type(limit / norm[0])
        for i in range(begin, end):
            gradients[i] *= factor
