"""Mean squared error and its gradient in one pass."""

from __future__ import annotations

from nnctl.kernels.cpu.targets import is_missing, skip
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 1.0 * outputs.shape[1]))
def evaluate(
    begin: int, end: int, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array
) -> None:
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each the mean over the K outputs.

    count: (1,) int64, how many rows have targets; the loss and the gradient of the others are 0.
    """
    width = outputs.shape[1]
    scale = outputs.dtype.type(2.0 / (count[0] * width))
    for i in range(begin, end):
        if is_missing(targets, i):
            skip(losses, d_outputs, i)
            continue
        total = 0.0
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            total += error * error
            d_outputs[i, j] = scale * error
        losses[i] = total / width
