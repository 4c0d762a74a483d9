"""Sigmoid, binary cross-entropy and its gradient."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import exp, log1p, logistic
from nnctl.kernels.cpu.targets import is_missing, skip
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 1.5 * outputs.shape[1]))
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
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each the mean over the K outputs.

    count: (1,) int64, how many rows have targets; the loss and the gradient of the others are 0.
    -t log p - (1 - t) log(1 - p) = max(z, 0) - z t + log(1 + exp(-|z|)), which does not overflow. Targets are smoothed:
    (1 - label_smoothing) t + label_smoothing / 2 in place of t.
    """
    width = outputs.shape[1]
    share = 1.0 / width
    zero = outputs.dtype.type(0)
    kept, half = outputs.dtype.type(1.0 - label_smoothing), outputs.dtype.type(0.5 * label_smoothing)
    scale = outputs.dtype.type(1.0 / (count[0] * width))
    logits, wanted = outputs[begin:end].reshape(-1), targets[begin:end].reshape(-1)
    results = d_outputs[begin:end].reshape(-1)  # all rows at once, as one may be shorter than a vector
    for j in range(results.size):  # holds the losses for now
        logit = logits[j]
        results[j] = (zero if logit <= zero else logit) - logit * (kept * wanted[j] + half) + log1p(exp(-abs(logit)))
    for i in range(begin, end):
        total = 0.0
        for j in range(width):
            total += d_outputs[i, j]
        losses[i] = total * share
    for j in range(results.size):
        results[j] = scale * (logistic(logits[j]) - (kept * wanted[j] + half))
    for i in range(begin, end):
        if is_missing(targets, i):
            skip(losses, d_outputs, i)
