"""Counts, sums and rows for metrics, added to a tally. Serial: batches are small, and sums keep the samples' order.

Rows without a target are left out: a class of -1, or values that are NaN. weights: (N,) float64, for how many rows each
counts; (0,): each for one. A row of weight 0 is left out, whatever its outputs are.
"""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.exp import exp
from nnctl.kernels.cpu.targets import is_missing
from nnctl.kernels.cpu.weights import weight_of
from nnctl.kernels.kernel import Array, kernel


@kernel()
def add_confusion(
    begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array, threshold: float
) -> None:
    """Count (target, index of the largest output); of equal ones the first wins.

    outputs: (N, K), targets: (N,) int64, each 0 <= target < K, tally: (K, K) float64. A NaN is never the largest,
    unless it is the first output. threshold: the second of two outputs counts where it is larger by more than this; 0
    for more outputs.
    """
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if targets[i] < 0 or weight == 0.0:
            continue
        largest = 0
        for j in range(1, outputs.shape[1]):
            if np.float64(outputs[i, j]) - np.float64(outputs[i, largest]) > threshold:
                largest = j
        tally[targets[i], largest] += weight


@kernel()
def add_ranks(begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array) -> None:
    """Count the rank of the target's output, from 0: the outputs that are not below it. Ties and NaN count against it.

    outputs: (N, K), targets: (N,) int64, each 0 <= target < K, tally: (K,) float64.
    """
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if targets[i] < 0 or weight == 0.0:
            continue
        own = outputs[i, targets[i]]
        rank = 0
        for j in range(outputs.shape[1]):
            if j != targets[i] and not outputs[i, j] < own:
                rank += 1
        tally[rank] += weight


@kernel()
def add_surprisal(begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array) -> None:
    """Add 1 and -log softmax(outputs)[target], in nats. outputs: (N, K) logits, targets: (N,) int64, tally: (2,)."""
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if targets[i] < 0 or weight == 0.0:
            continue
        row = outputs[i]
        largest = row[0]
        for j in range(1, len(row)):
            largest = max(largest, row[j])
        total = 0.0
        for j in range(len(row)):
            total += exp(row[j] - largest)
        tally[0] += weight
        tally[1] += weight * (np.log(total) - np.float64(row[targets[i]] - largest))


@kernel()
def add_binary_surprisal(begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array) -> None:
    """Add 1 and -log of the probability of the target to each, in nats: log(1 + exp(-m)), m the logit of what it is.

    outputs: (N, K) logits, targets: (N, K), tally: (2,) float64; in float64.
    """
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if is_missing(targets, i) or weight == 0.0:
            continue
        for j in range(outputs.shape[1]):
            margin = np.float64(outputs[i, j]) if targets[i, j] > 0.5 else -np.float64(outputs[i, j])
            tally[0] += weight
            tally[1] += weight * (np.log1p(exp(-abs(margin))) - (margin if margin < 0.0 else 0.0))


@kernel()
def add_binary_confusion(
    begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array, threshold: float
) -> None:
    """Count (target > 0.5, output > threshold) over all outputs. outputs, targets: (N, K), tally: (2, 2) float64."""
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if is_missing(targets, i) or weight == 0.0:
            continue
        for j in range(outputs.shape[1]):
            target = 1 if targets[i, j] > 0.5 else 0
            predicted = 1 if outputs[i, j] > threshold else 0
            tally[target, predicted] += weight


@kernel()
def add_errors(begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array) -> None:
    """Add 1, |e|, e^2 and e to rows 0, 1, 2 and 5, and update the mean and the squared deviations in rows 3 and 4.

    outputs, targets: (N, K), tally: (6, K) float64. e = output - target, in float64. Rows 3 and 4 are the mean of the
    targets and the sum of their squared deviations from it, exactly 0 for a constant. Source: Welford 1962, eq. 1-3;
    with weights, West 1979, "Updating mean and variance estimates".
    """
    for j in range(outputs.shape[1]):
        count, total, squares = tally[0, j], tally[1, j], tally[2, j]
        mean, deviations, errors = tally[3, j], tally[4, j], tally[5, j]
        for i in range(outputs.shape[0]):
            weight = weight_of(weights, i)
            if is_missing(targets, i) or weight == 0.0:
                continue
            target = np.float64(targets[i, j])
            error = np.float64(outputs[i, j]) - target
            count += weight
            total += weight * abs(error)
            squares += weight * (error * error)
            distance = target - mean
            mean += weight * distance / count
            deviations += weight * (distance * (target - mean))
            errors += weight * error
        tally[0, j], tally[1, j], tally[2, j] = count, total, squares
        tally[3, j], tally[4, j], tally[5, j] = mean, deviations, errors


@kernel()
def add_log_errors(begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array) -> None:
    """Add 1 and the square of log(1 + output) - log(1 + target) to rows 0 and 1, NaN where the target is negative.

    outputs, targets: (N, K), tally: (2, K) float64; in float64. A negative output counts as 0.
    """
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if is_missing(targets, i) or weight == 0.0:
            continue
        for j in range(outputs.shape[1]):
            output = np.float64(0.0 if outputs[i, j] < 0.0 else outputs[i, j])  # NaN stays
            target = np.float64(targets[i, j])
            error = np.log1p(output) - np.log1p(target) if target >= 0.0 else np.nan
            tally[0, j] += weight
            tally[1, j] += weight * (error * error)


@kernel()
def add_relative_errors(begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array) -> None:
    """Add 1 and |output - target| / |target| to rows 0 and 1; a target of 0 counts as the float64 2^-52.

    outputs, targets: (N, K), tally: (2, K) float64; in float64.
    """
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if is_missing(targets, i) or weight == 0.0:
            continue
        for j in range(outputs.shape[1]):
            target = np.float64(targets[i, j])
            tally[0, j] += weight
            tally[1, j] += weight * (abs(np.float64(outputs[i, j]) - target) / max(abs(target), 2.0**-52))


@kernel()
def add_rows(begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array) -> None:
    """Append each row's outputs, targets and weight behind the rows so far.

    outputs: (N, K), targets: (N, M), tally: (1 + rows, K + M + 1) float64: tally[0, 0] is how many rows there are.
    """
    width = outputs.shape[1]
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if is_missing(targets, i) or weight == 0.0:
            continue
        tally[0, 0] += 1.0
        row = int(tally[0, 0])
        for j in range(width):
            tally[row, j] = outputs[i, j]
        for j in range(targets.shape[1]):
            tally[row, width + j] = targets[i, j]
        tally[row, -1] = weight


@kernel()
def add_class_rows(begin: int, end: int, outputs: Array, targets: Array, weights: Array, tally: Array) -> None:
    """Append each row's outputs, class and weight behind the rows so far.

    outputs: (N, K), targets: (N,) int64, tally: (1 + rows, K + 2) float64: tally[0, 0] is how many rows there are, and
    tally[0, 1] is 1.
    """
    width = outputs.shape[1]
    tally[0, 1] = 1.0
    for i in range(outputs.shape[0]):
        weight = weight_of(weights, i)
        if targets[i] < 0 or weight == 0.0:
            continue
        tally[0, 0] += 1.0
        row = int(tally[0, 0])
        for j in range(width):
            tally[row, j] = outputs[i, j]
        tally[row, width] = targets[i]
        tally[row, -1] = weight
