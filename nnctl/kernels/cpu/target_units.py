"""From transformed targets back to the targets' own units."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import exp
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda values, *_: by_sample(len(values), 5.0 * values.shape[1]))
def restore(begin: int, end: int, values: Array, mean: Array, std: Array, out: Array, log: bool) -> None:
    """out = values std + mean, or exp of that where `log`: infinite where it overflows.

    values, out: (N, K); mean, std: (K,); all float64, but values also float32.
    """
    for i in range(begin, end):
        for j in range(values.shape[1]):
            value = values[i, j] * std[j] + mean[j]
            out[i, j] = exp(value) if log else value
