"""Half the sum of squared errors and its gradient in one pass."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, cuda, kernel
from nnctl.kernels.cuda.targets import is_missing, skip


@kernel(lambda outputs, *_: len(outputs))
def evaluate(outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array) -> None:
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each half the sum over the K outputs.

    count: (1,) int64, how many rows have targets; the loss and the gradient of the others are 0.
    """
    width = outputs.shape[1]
    scale = outputs.dtype.type(1.0 / count[0])
    for i in range(cuda.grid(1), len(outputs), cuda.gridsize(1)):
        if is_missing(targets, i):
            skip(losses, d_outputs, i)
            continue
        total = 0.0
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            total += error * error
            d_outputs[i, j] = scale * error
        losses[i] = total / 2.0
