"""What planning asks of the GPU's kernels: sizes of scratch, and which algorithm is faster. It loads no compiler."""

from __future__ import annotations

SUM_CHUNKS = 8  # that a sum over the batch is made in


def sum_scratch(columns: int) -> tuple[int, int]:
    """The shape of what the kernels of `sum_rows` work in, for rows of so many columns."""
    return SUM_CHUNKS, columns


def matmul_scratch(in_features: int, out_features: int) -> int:
    """Elements of scratch with which `matmul.matmul_large` is faster for a weight of this shape: none."""
    return 0


def winograd_is_faster(outputs: tuple[int, int], in_channels: int, out_channels: int) -> bool:
    """Whether Winograd's filtering of 3x3 windows is faster than the sum over the taps: there is no such kernel."""
    return False
