"""Softmax, focal loss and its gradient."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.exp import exp, log1p
from nnctl.kernels.cpu.targets import skip
from nnctl.kernels.kernel import Array, by_sample, compiled, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 20.0 + 4.0 * outputs.shape[1]))
def evaluate(
    begin: int, end: int, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, gamma: float
) -> None:
    """outputs, d_outputs: (N, K); targets: (N,) int64, each 0 <= target < K; losses: (N,) float64, in nats.

    A target of -1 is none: the loss and the gradient of its row are 0. count: (1,) int64, how many rows have one.
    With q = 1 - p and w = q^gamma, d_outputs is w (gamma p log p - q) of the target, w p_j (1 - gamma p log p / q) of
    another class. q is made of the others' exponentials, as 1 - p has no digits left where p is near 1, and log p / q
    is -1 there.
    """
    classes, scale = outputs.shape[1], 1.0 / count[0]
    for i in range(begin, end):
        if targets[i] < 0:
            skip(losses, d_outputs, i)
            continue
        target, largest = targets[i], outputs[i, 0]
        for j in range(1, classes):
            largest = max(largest, outputs[i, j])
        others = 0.0
        for j in range(classes):
            d_outputs[i, j] = exp(outputs[i, j] - largest)  # for now
            if j != target:
                others += d_outputs[i, j]
        own = np.float64(d_outputs[i, target])
        total = own + others
        log_p = -log1p(others / own) if others <= own else np.float64(outputs[i, target] - largest) - np.log(total)
        p, q = own / total, others / total
        weight = exp(gamma * np.log(q)) if gamma > 0.0 else 1.0  # log 0 is -inf, and the weight 0
        losses[i] = -weight * log_p
        slope = weight * (1.0 - gamma * p * (log_p / q if q > 0.0 else -1.0))
        for j in range(classes):
            d_outputs[i, j] = outputs.dtype.type(scale * slope / total) * d_outputs[i, j]
        d_outputs[i, target] = outputs.dtype.type(scale * weight * (gamma * p * log_p - q))


@compiled
def _of_class(gamma: float, p: float, q: float, log_p: float, log_q: float) -> tuple[float, float]:
    """q^gamma log p, where q = 1 - p, and p times the derivative of -q^gamma log p with respect to p."""
    weight = exp(gamma * log_q) if gamma > 0.0 else 1.0
    return weight * log_p, weight * (gamma * p * (log_p / q if q > 0.0 else -1.0) - 1.0)


@kernel(lambda outputs, *_: by_sample(len(outputs), 20.0 + 40.0 * outputs.shape[1]))
def evaluate_smoothed(
    begin: int,
    end: int,
    outputs: Array,
    targets: Array,
    count: Array,
    losses: Array,
    d_outputs: Array,
    gamma: float,
    label_smoothing: float,
) -> None:
    """As `evaluate`, of the sum over all classes k of w_k (1 - p_k)^gamma -log p_k, w being the smoothed target.

    w is label_smoothing / K, and 1 - label_smoothing more for the target. With h_k = w_k p_k f'(p_k), f the loss of a
    class, d_outputs is h_j q_j - p_j (the sum of the other h).
    """
    classes, scale = outputs.shape[1], 1.0 / count[0]
    spread = label_smoothing / classes
    for i in range(begin, end):
        if targets[i] < 0:
            skip(losses, d_outputs, i)
            continue
        first = 0
        for j in range(1, classes):
            first = j if outputs[i, j] > outputs[i, first] else first
        largest, others = np.float64(outputs[i, first]), 0.0
        for j in range(classes):
            if j != first:
                others += exp(np.float64(outputs[i, j]) - largest)
        total, rest = 1.0 + others, np.log1p(others)
        q_first, log_q_first = others / total, np.log(others) - rest
        loss, slopes = 0.0, 0.0
        for j in range(classes):
            log_p = np.float64(outputs[i, j]) - largest - rest
            p = exp(log_p)
            q = q_first if p > 0.5 else 1.0 - p
            log_q = log_q_first if p > 0.5 else -log1p(p / q)  # the largest alone may be above
            share = spread + (1.0 - label_smoothing if j == targets[i] else 0.0)
            part, slope = _of_class(gamma, p, q, log_p, log_q)
            loss -= share * part
            slopes += share * slope
        losses[i] = loss
        for j in range(classes):
            log_p = np.float64(outputs[i, j]) - largest - rest
            p = exp(log_p)
            q = q_first if p > 0.5 else 1.0 - p
            log_q = log_q_first if p > 0.5 else -log1p(p / q)
            share = spread + (1.0 - label_smoothing if j == targets[i] else 0.0)
            slope = share * _of_class(gamma, p, q, log_p, log_q)[1]
            d_outputs[i, j] = outputs.dtype.type(scale * (slope * q - p * (slopes - slope)))
