"""Sigmoid, focal loss of 0/1 targets and its gradient."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import exp, log1p, logistic
from nnctl.kernels.cpu.targets import is_missing, skip
from nnctl.kernels.kernel import Array, by_sample, compiled, kernel


@kernel(lambda outputs, *_: by_sample(len(outputs), 6.0 * outputs.shape[1]))
def evaluate(
    begin: int, end: int, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, gamma: float
) -> None:
    """outputs, targets, d_outputs: (N, K); losses: (N,) float64, each the mean over the K outputs.

    count: (1,) int64, how many rows have targets; the loss and the gradient of the others are 0.
    With m the logit, or -m for a target of 0, p = sigmoid(m) and q = 1 - p: the loss is q^gamma log(1 + exp(-m)), and
    its derivative q^gamma (gamma p log p - q). log p and log q are taken of m, so that neither overflows.
    """
    width = outputs.shape[1]
    kind = outputs.dtype.type
    scale, power = kind(1.0 / (count[0] * width)), kind(gamma)
    for i in range(begin, end):
        if is_missing(targets, i):
            skip(losses, d_outputs, i)
            continue
        total = 0.0
        for j in range(width):
            sign = kind(1) if targets[i, j] > kind(0.5) else kind(-1)
            margin = sign * outputs[i, j]
            rest = log1p(exp(-abs(margin)))
            log_p = (margin if margin < kind(0) else kind(0)) - rest
            log_q = (kind(0) if margin < kind(0) else -margin) - rest
            weight = exp(power * log_q)
            total -= weight * log_p
            d_outputs[i, j] = scale * sign * weight * (power * logistic(margin) * log_p - logistic(-margin))
        losses[i] = total / width


@compiled
def _of_margin(margin: float, power: float) -> tuple[float, float]:
    """The loss of a margin, and its derivative."""
    zero = margin - margin  # of its precision; NaN for NaN
    rest = log1p(exp(-abs(margin)))
    log_p = (margin if margin < zero else zero) - rest
    log_q = (zero if margin < zero else -margin) - rest
    weight = exp(power * log_q)
    return -weight * log_p, weight * (power * logistic(margin) * log_p - logistic(-margin))


@kernel(lambda outputs, *_: by_sample(len(outputs), 12.0 * outputs.shape[1]))
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
    """As `evaluate`: 1 - label_smoothing / 2 times the loss of the target, and the rest times that of the other."""
    width = outputs.shape[1]
    kind = outputs.dtype.type
    scale, power = kind(1.0 / (count[0] * width)), kind(gamma)
    rest = kind(0.5 * label_smoothing)
    most = kind(1) - rest
    for i in range(begin, end):
        if is_missing(targets, i):
            skip(losses, d_outputs, i)
            continue
        total = 0.0
        for j in range(width):
            sign = kind(1) if targets[i, j] > kind(0.5) else kind(-1)
            own, other = _of_margin(sign * outputs[i, j], power), _of_margin(-sign * outputs[i, j], power)
            total += most * own[0] + rest * other[0]
            d_outputs[i, j] = scale * sign * (most * own[1] - rest * other[1])
        losses[i] = total / width
