"""A rectangle of each image is 0. The same kernel is its own gradient's."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.splitmix import integer_below, number_between
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, *_: by_sample(len(source), 20.0 + 0.2 * source[0].size))
def forward(
    begin: int, end: int, source: Array, target: Array, height: int, width: int, p: float, key: np.uint64
) -> None:
    """target[n] = source[n], but 0 in a rectangle of height x width, with probability p. Both (N, H, W, C).

    Whether, and the row and the column of its centre, are outputs 3 n to 3 n + 2 of the SplitMix64 stream that starts
    at key. The centre is the pixel in front of which height // 2 and width // 2 pixels are hidden.
    """
    _, rows, columns, _ = source.shape
    flat, flat_target = source.reshape(len(source), -1), target.reshape(len(source), -1)
    for n in range(begin, end):
        own, out = flat[n], flat_target[n]
        for i in range(len(own)):
            out[i] = own[i]
        if number_between(key, 3 * n, 0.0, 1.0) < p:
            top = integer_below(key, 3 * n + 1, rows) - height // 2
            left = integer_below(key, 3 * n + 2, columns) - width // 2
            target[n, max(top, 0) : min(top + height, rows), max(left, 0) : min(left + width, columns)] = 0


backward = forward
