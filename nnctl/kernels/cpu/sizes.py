"""What planning asks of the CPU's kernels: sizes of scratch, and which algorithm is faster. It loads no compiler."""

from __future__ import annotations

SUM_CHUNKS = 8  # that a sum over the batch is made in, whatever the threads: so the bits do not depend on them
_SIDE_BY_SIDE = 128  # elements that a sum of rows adds at once, so that an addition need not wait for the one before
_LEAST_POSITIONS = 16  # of a sample, from which on its sums take long beside what adds them to the other samples'

DEPTH = 256  # terms of a part of a sum, at most: a panel of that many rows of B stays in the first-level cache
DOT_PRODUCT_COLUMNS = 4  # products with so many columns at most are made of dot products
LARGE_WEIGHT = 1 << 14  # elements, from which on it is faster if a thread only reads its own part of a weight
_MAX_PARTIAL = 1 << 16  # elements of the partial products that this takes: they stay in the second-level caches

_FEWEST_CHANNELS, _MOST_CHANNELS = 16, 256  # transforms of fewer take too long, products of more leave the caches
_LEAST_OUTPUTS = 1024  # of the side with fewer channels: below, the transform of the weight takes too long


def sum_scratch(columns: int) -> tuple[int, int]:
    """The shape of what the kernels of `sum_rows` work in, for rows of so many columns."""
    return SUM_CHUNKS, side_by_side(columns)


def side_by_side(columns: int) -> int:
    """Elements of as many rows of so many columns as a loop goes over at once."""
    return columns * -(-_SIDE_BY_SIDE // columns)


def sums_by_sample(positions: int) -> bool:
    """Whether a sum over the batch and all positions of a sample is first made sample by sample, not in SUM_CHUNKS."""
    return positions >= _LEAST_POSITIONS


def matmul_scratch(in_features: int, out_features: int) -> int:
    """Elements of scratch with which `matmul.matmul_large` is faster for a weight of this shape; 0 for no scratch."""
    size = in_features * out_features
    is_split = size >= LARGE_WEIGHT and in_features > DEPTH and out_features > DOT_PRODUCT_COLUMNS
    return min(size, _MAX_PARTIAL) if is_split else 0


def winograd_is_faster(outputs: tuple[int, int], in_channels: int, out_channels: int) -> bool:
    """Whether Winograd's filtering of 3x3 windows is faster than the sum over the taps, in all three directions.

    outputs: (height, width) of one image. Measured on AVX-512.
    """
    fewer, more = sorted((in_channels, out_channels))
    many = min(outputs) >= 4 and outputs[0] * outputs[1] * fewer >= _LEAST_OUTPUTS
    return many and fewer >= _FEWEST_CHANNELS and more <= _MOST_CHANNELS
