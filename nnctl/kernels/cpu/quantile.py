"""The loss of a quantile and its gradient in one pass."""

from __future__ import annotations

from nnctl.kernels.cpu.targets import is_missing, skip
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 1.0 * outputs.shape[1]))
def evaluate(
    begin: int, end: int, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, quantile: float
) -> None:
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each the mean over the K outputs.

    count: (1,) int64, how many rows have targets; the loss and the gradient of the others are 0.
    """
    width = outputs.shape[1]
    scale = 1.0 / (count[0] * width)
    too_low, too_high = outputs.dtype.type(-quantile * scale), outputs.dtype.type((1.0 - quantile) * scale)
    for i in range(begin, end):
        if is_missing(targets, i):
            skip(losses, d_outputs, i)
            continue
        total = 0.0
        for j in range(width):
            error = targets[i, j] - outputs[i, j]
            total += (quantile if error > 0 else quantile - 1.0) * error
            d_outputs[i, j] = too_low if error > 0 else too_high
        losses[i] = total / width
