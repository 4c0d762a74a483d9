"""Sigmoid, binary cross-entropy and its gradient in one pass."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 20.0 * outputs.shape[1]))
def evaluate(begin: int, end: int, outputs: Array, targets: Array, losses: Array, d_outputs: Array) -> None:
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each the mean over the K outputs.

    -t log p - (1 - t) log(1 - p) = max(z, 0) - z t + log(1 + exp(-|z|)), where nothing overflows.
    """
    samples, width = outputs.shape
    zero, one = outputs.dtype.type(0), outputs.dtype.type(1)
    scale = outputs.dtype.type(1.0 / (samples * width))
    for i in range(begin, end):
        total = 0.0
        for j in range(width):
            logit, target = outputs[i, j], targets[i, j]
            tail = np.exp(-abs(logit))
            total += max(logit, zero) - logit * target + np.log1p(tail)
            probability = (one if logit >= zero else tail) / (one + tail)
            d_outputs[i, j] = scale * (probability - target)
        losses[i] = total / width
