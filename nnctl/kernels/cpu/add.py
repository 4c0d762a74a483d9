"""The sum of two arrays."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda a, *_: by_sample(a.size, 0.2))
def add(begin: int, end: int, a: Array, b: Array, out: Array) -> None:
    """out = a + b, element by element; out may be a. All (size,)."""
    for i in range(begin, end):
        out[i] = a[i] + b[i]
