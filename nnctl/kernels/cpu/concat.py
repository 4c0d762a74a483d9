"""Arrays side by side along their last axis, as rows of one that is wider."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.kernel import Array, Partition, by_sample, kernel


def _rows(source: Array, target: Array, *_: Any) -> Partition:
    return by_sample(len(source), 2.0 + 0.2 * min(source.shape[1], target.shape[1]))


@kernel(_rows)
def write(begin: int, end: int, part: Array, whole: Array, first: int) -> None:
    """whole[:, first : first + P] = part. part: (R, P), whole: (R, W)."""
    for i in range(begin, end):
        for j in range(part.shape[1]):
            whole[i, first + j] = part[i, j]


@kernel(_rows)
def read(begin: int, end: int, whole: Array, part: Array, first: int) -> None:
    """part = whole[:, first : first + P]. whole: (R, W), part: (R, P)."""
    for i in range(begin, end):
        for j in range(part.shape[1]):
            part[i, j] = whole[i, first + j]
