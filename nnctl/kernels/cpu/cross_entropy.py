"""Softmax, cross-entropy and its gradient."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.exp import exp
from nnctl.kernels.cpu.targets import skip
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 1.8 * outputs.shape[1]))
def evaluate(
    begin: int,
    end: int,
    outputs: Array,
    targets: Array,
    count: Array,
    losses: Array,
    d_outputs: Array,
    label_smoothing: float,
) -> None:
    """outputs, d_outputs: (N, K); targets: (N,) int64, each 0 <= target < K; losses: (N,) float64, in nats.

    A target of -1 is none: the loss and the gradient of its row are 0. count: (1,) int64, how many rows have one.
    The row's largest output is subtracted first, so no exponential overflows, and their sum is at least 1.
    """
    classes, real = outputs.shape[1], count[0]
    spread = label_smoothing / classes
    on_target = outputs.dtype.type((1.0 - label_smoothing) / real)
    on_all = outputs.dtype.type(spread / real)
    for i in range(begin, end):
        if targets[i] < 0:
            skip(losses, d_outputs, i)
            continue
        largest = outputs[i, 0]
        for j in range(1, classes):
            largest = max(largest, outputs[i, j])
        for j in range(classes):
            d_outputs[i, j] = outputs[i, j] - largest
        losses[i] = (label_smoothing - 1.0) * d_outputs[i, targets[i]]
        if spread > 0.0:  # an output of -inf must not become 0 x inf
            for j in range(classes):
                losses[i] -= spread * d_outputs[i, j]
    rows = d_outputs[begin:end].reshape(-1)  # all rows at once, as one may be shorter than a vector
    for j in range(rows.size):
        rows[j] = exp(rows[j])
    for i in range(begin, end):
        if targets[i] < 0:
            skip(losses, d_outputs, i)
            continue
        total = 0.0
        for j in range(classes):
            total += d_outputs[i, j]
        losses[i] += np.log(total)
        scale = outputs.dtype.type(1.0 / (total * real))
        for j in range(classes):
            d_outputs[i, j] = d_outputs[i, j] * scale - on_all
        d_outputs[i, targets[i]] -= on_target
