"""Whole arrays, of any length, written without arithmetic."""

from __future__ import annotations

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def copy(source: Array, target: Array) -> None:
    """target = source. Both (size,)."""
    for i in prange(source.size):
        target[i] = source[i]


@parallel_kernel
def zero(target: Array) -> None:
    """target = 0. (size,)."""
    nothing = target.dtype.type(0)
    for i in prange(target.size):
        target[i] = nothing
