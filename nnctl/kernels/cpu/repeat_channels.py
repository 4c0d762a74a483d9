"""Each channel several times, side by side, and back."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda source, target, times: by_sample(source.size, 0.3 * times))
def repeat(begin: int, end: int, source: Array, target: Array, times: int) -> None:
    """target[i times + k] = source[i]. source: (size,), target: (size times,)."""
    for i in range(begin, end):
        for k in range(i * times, (i + 1) * times):
            target[k] = source[i]


@kernel(lambda source, target, times: by_sample(target.size, 0.3 * times))
def add_up(begin: int, end: int, source: Array, target: Array, times: int) -> None:
    """target[i] = the sum of source[i times + k], in their order. source: (size times,), target: (size,)."""
    for i in range(begin, end):
        total = source[i * times]
        for k in range(i * times + 1, (i + 1) * times):
            total += source[k]
        target[i] = total
