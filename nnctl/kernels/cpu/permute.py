"""Axes in another order."""

from __future__ import annotations

from math import prod

from nnctl.kernels.kernel import Array, Partition, by_sample, kernel

Shape = tuple[int, ...]


def _rows(source: Array, target: Array, shape: Shape, strides: Shape) -> Partition:
    return by_sample(target.size // prod(shape) * prod(shape[:-1]), 2.0 + 0.3 * shape[-1])


@kernel(_rows)
def permute(begin: int, end: int, source: Array, target: Array, shape: Shape, strides: Shape) -> None:
    """target = source with the axes of each sample in another order. Both (size,).

    shape: of a sample in target. strides: how far its elements along each axis lie apart in source.
    """
    sample = 1
    for size in shape:
        sample *= size
    columns, step = shape[-1], strides[-1]
    for row in range(begin, end):
        first, left = row * columns // sample * sample, row
        for axis in range(len(shape) - 2, -1, -1):
            first += left % shape[axis] * strides[axis]
            left //= shape[axis]
        for column in range(columns):
            target[row * columns + column] = source[first + column * step]
