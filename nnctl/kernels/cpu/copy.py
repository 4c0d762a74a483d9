"""Copying and zeroing of flat arrays of any length."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, *_: by_sample(source.size, 0.15))
def copy(begin: int, end: int, source: Array, target: Array) -> None:
    """target = source. Both (size,)."""
    for i in range(begin, end):
        target[i] = source[i]


@kernel(lambda target, *_: by_sample(target.size, 0.15))
def zero(begin: int, end: int, target: Array) -> None:
    """target = 0. (size,)."""
    nothing = target.dtype.type(0)
    for i in range(begin, end):
        target[i] = nothing
