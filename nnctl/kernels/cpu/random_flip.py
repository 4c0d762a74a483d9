"""Images mirrored, each with some probability. The same kernel is its own gradient's."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.splitmix import number_between
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, *_: by_sample(len(source), 10.0 + 0.5 * source[0].size))
def forward(begin: int, end: int, source: Array, target: Array, is_horizontal: bool, p: float, key: np.uint64) -> None:
    """target[n] = source[n], with its columns in the reverse order with probability p. Both (N, H, W, C).

    is_horizontal: else its rows. Sample n is decided by output n of the SplitMix64 stream that starts at key.
    """
    _, height, width, channels = source.shape
    for n in range(begin, end):
        is_flipped = number_between(key, n, 0.0, 1.0) < p
        for row in range(height):
            from_row = height - 1 - row if is_flipped and not is_horizontal else row
            own, out = source[n, from_row], target[n, row]
            for column in range(width):
                from_column = width - 1 - column if is_flipped and is_horizontal else column
                for c in range(channels):
                    out[column, c] = own[from_column, c]


backward = forward
