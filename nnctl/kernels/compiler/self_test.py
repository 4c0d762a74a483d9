"""A self-test of the compiler: a loop that is never cached."""

from __future__ import annotations

from math import exp

from nnctl.kernels.kernel import Array, compiled


@compiled
def exponential(values: Array, results: Array) -> None:
    """results = e^values. Both (size,)."""
    for i in range(values.size):
        results[i] = exp(values[i])
