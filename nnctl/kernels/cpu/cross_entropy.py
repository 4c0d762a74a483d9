"""Softmax, cross-entropy and its gradient in one pass over each row."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 6.0 * outputs.shape[1]))
def evaluate(
    begin: int, end: int, outputs: Array, targets: Array, losses: Array, d_outputs: Array, label_smoothing: float
) -> None:
    """outputs, d_outputs: (N, K); targets: (N,) int64, each 0 <= target < K; losses: (N,) float64.

    With the row's largest output taken off, no exponential overflows, and the sum of them is at least 1.
    """
    samples, classes = outputs.shape
    spread = label_smoothing / classes
    on_target = outputs.dtype.type((1.0 - label_smoothing) / samples)
    on_all = outputs.dtype.type(spread / samples)
    for i in range(begin, end):
        peak = outputs[i, 0]
        for j in range(1, classes):
            peak = max(peak, outputs[i, j])
        total = 0.0
        below_peak = 0.0
        for j in range(classes):
            shifted = outputs[i, j] - peak
            below_peak += shifted
            d_outputs[i, j] = np.exp(shifted)
            total += d_outputs[i, j]
        target = targets[i]
        losses[i] = np.log(total) - (1.0 - label_smoothing) * (outputs[i, target] - peak)
        if spread > 0.0:  # an output of -inf must not become 0 x inf
            losses[i] -= spread * below_peak
        scale = outputs.dtype.type(1.0 / (total * samples))
        for j in range(classes):
            d_outputs[i, j] = d_outputs[i, j] * scale - on_all
        d_outputs[i, target] -= on_target
