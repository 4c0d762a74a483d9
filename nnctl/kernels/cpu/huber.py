"""Huber's loss and its gradient in one pass."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 1.0 * outputs.shape[1]))
def evaluate(
    begin: int, end: int, outputs: Array, targets: Array, losses: Array, d_outputs: Array, delta: float
) -> None:
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each the mean over the K outputs."""
    samples, width = outputs.shape
    limit, half = outputs.dtype.type(delta), outputs.dtype.type(0.5)
    scale = outputs.dtype.type(1.0 / (samples * width))
    for i in range(begin, end):
        total = 0.0
        for j in range(width):
            error = outputs[i, j] - targets[i, j]
            if error > limit:
                total += limit * (error - half * limit)
                d_outputs[i, j] = scale * limit
            elif error < -limit:
                total += limit * (-error - half * limit)
                d_outputs[i, j] = -scale * limit
            else:
                total += half * error * error
                d_outputs[i, j] = scale * error
        losses[i] = total / width
