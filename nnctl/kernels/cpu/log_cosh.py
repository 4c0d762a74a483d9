"""log(cosh(error)) and its gradient in one pass."""

from __future__ import annotations

import math

from nnctl.kernels.cpu.simd.exp import exp, log1p
from nnctl.kernels.cpu.targets import is_missing, skip
from nnctl.kernels.kernel import Array, by_sample, kernel

LOG_2 = math.log(2.0)


@kernel(lambda outputs, *_: by_sample(len(outputs), 2.0 * outputs.shape[1]))
def evaluate(
    begin: int, end: int, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array
) -> None:
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each the mean over the K outputs.

    count: (1,) int64, how many rows have targets; the loss and the gradient of the others are 0.
    log cosh e = |e| + log(1 + exp(-2 |e|)) - log 2, which does not overflow; its derivative is tanh e.
    """
    width = outputs.shape[1]
    scale, one = outputs.dtype.type(1.0 / (count[0] * width)), outputs.dtype.type(1)
    for i in range(begin, end):
        if is_missing(targets, i):
            skip(losses, d_outputs, i)
            continue
        total = 0.0
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            decay = exp(-abs(error) - abs(error))
            total += abs(error) + log1p(decay) - LOG_2
            slope = (one - decay) / (one + decay)
            d_outputs[i, j] = scale * (slope if error > 0 else -slope)
        losses[i] = total / width
