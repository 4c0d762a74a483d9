"""What planning asks of the GPU's kernels: sizes of scratch, and which algorithm is faster. It loads no compiler."""

from __future__ import annotations

SUM_CHUNKS = 8  # that a sum over the batch is made in


def sum_scratch(columns: int) -> tuple[int, int]:
    """The shape of what the kernels of `sum_rows` work in, for rows of so many columns."""
    return SUM_CHUNKS, side_by_side(columns)


def side_by_side(columns: int) -> int:
    """Elements of as many rows of so many columns as a loop goes over at once: one row."""
    return columns


def sums_by_sample(positions: int) -> bool:
    """Whether a sum over the batch and all positions of a sample is first made sample by sample, not in SUM_CHUNKS."""
    return False


def matmul_scratch(in_features: int, out_features: int) -> int:
    """Elements of scratch with which `matmul.matmul_large` is faster for a weight of this shape: none."""
    return 0


def winograd_is_faster(outputs: tuple[int, int], in_channels: int, out_channels: int) -> bool:
    """Whether Winograd's filtering of 3x3 windows is faster than the sum over the taps: there is no such kernel."""
    return False
