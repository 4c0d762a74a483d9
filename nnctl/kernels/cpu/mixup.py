"""Samples of a batch mixed with others of it: n with n + offset, counted on from 0 behind the last one.

share, of the sample itself, and offset, 0 <= offset < N, are new in each step.
"""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import mul_add
from nnctl.kernels.kernel import Array, by_item, by_sample, kernel


@kernel(lambda source, *_: by_item(len(source), 5.0 + 0.3 * source.shape[1]))
def mix(begin: int, end: int, source: Array, target: Array, share: float, offset: int, is_reversed: bool) -> None:
    """target[n] = share source[n] + (1 - share) source[n + offset]; is_reversed: source[n - offset]. Both (N, F)."""
    samples, width = source.shape
    own_share, other_share = source.dtype.type(share), source.dtype.type(1.0 - share)
    for n in range(begin, end):
        other = (n + (samples - offset if is_reversed else offset)) % samples
        for i in range(width):
            target[n, i] = mul_add(own_share, source[n, i], other_share * source[other, i])


@kernel(lambda source, *_: by_item(len(source), 5.0 + 0.2 * source.shape[1]))
def partners(begin: int, end: int, source: Array, target: Array, offset: int) -> None:
    """target[n] = source[n + offset]. Both (N, K)."""
    samples, width = source.shape
    for n in range(begin, end):
        other = (n + offset) % samples
        for i in range(width):
            target[n, i] = source[other, i]


@kernel(lambda own, *_: by_sample(own.size, 0.3))
def blend(begin: int, end: int, own: Array, other: Array, share: float) -> None:
    """own = share own + (1 - share) other. Both (size,)."""
    own_share, other_share = own.dtype.type(share), own.dtype.type(1.0 - share)
    for i in range(begin, end):
        own[i] = mul_add(own_share, own[i], other_share * other[i])
