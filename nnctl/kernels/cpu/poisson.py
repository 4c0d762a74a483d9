"""exp(output) - target output and its gradient in one pass."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import exp
from nnctl.kernels.cpu.targets import is_missing, skip
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 1.5 * outputs.shape[1]))
def evaluate(
    begin: int, end: int, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array
) -> None:
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each the mean over the K outputs.

    count: (1,) int64, how many rows have targets; the loss and the gradient of the others are 0.
    """
    width = outputs.shape[1]
    scale = outputs.dtype.type(1.0 / (count[0] * width))
    for i in range(begin, end):
        if is_missing(targets, i):
            skip(losses, d_outputs, i)
            continue
        total = 0.0
        for j in range(width):
            rate = exp(outputs[i, j])
            total += rate - targets[i, j] * outputs[i, j]
            d_outputs[i, j] = scale * (rate - targets[i, j])
        losses[i] = total / width
