"""Hinge loss and its gradient in one pass."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 1.0 * outputs.shape[1]))
def evaluate(begin: int, end: int, outputs: Array, targets: Array, losses: Array, d_outputs: Array) -> None:
    """outputs, targets, d_outputs: (N, K), targets 0 or 1; losses: (N,) float64, each the mean over the K outputs."""
    samples, width = outputs.shape
    zero, one, two = outputs.dtype.type(0), outputs.dtype.type(1), outputs.dtype.type(2)
    scale = outputs.dtype.type(1.0 / (samples * width))
    for i in range(begin, end):
        total = 0.0
        for j in range(width):
            side = two * targets[i, j] - one
            missing = one - side * outputs[i, j]
            if missing <= zero:
                d_outputs[i, j] = zero
            else:  # NaN too, so that it is not lost
                total += missing
                d_outputs[i, j] = -side * scale
        losses[i] = total / width
