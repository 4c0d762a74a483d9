"""How much each row of a batch counts: in the loss, and in its gradient."""

from __future__ import annotations

from nnctl.kernels.cpu.targets import is_missing, skip
from nnctl.kernels.kernel import Array, by_sample, compiled, kernel


@compiled
def weight_of(weights: Array, i: int) -> float:
    """Of row i: 1 where there are no weights. weights: (N,) or (0,), float64."""
    return float(weights[i]) if weights.size else 1.0


@kernel(lambda targets, *_: by_sample(len(targets), 5.0))
def of_classes(begin: int, end: int, targets: Array, rows: Array, classes: Array, weights: Array) -> None:
    """weights = rows x classes[targets], 0 for rows without a target. targets: (N,) int64, -1 where there is none.

    rows: (N,) or (0,); classes: (K,) or (0,); weights: (N,); float64. What is empty counts as 1.
    """
    for i in range(begin, end):
        weights[i] = weight_of(rows, i) * weight_of(classes, targets[i]) if targets[i] >= 0 else 0.0


@kernel(lambda targets, *_: by_sample(len(targets), 5.0))
def of_values(begin: int, end: int, targets: Array, rows: Array, classes: Array, weights: Array) -> None:
    """As `of_classes`. targets: (N, K), NaN where there is none; with classes one column, which is 0 or 1."""
    for i in range(begin, end):
        if is_missing(targets, i):
            weights[i] = 0.0
        else:
            weights[i] = weight_of(rows, i) * weight_of(classes, 1 if targets[i, 0] > 0.5 else 0)


@kernel(lambda weights, total, count, losses, d_outputs: by_sample(len(losses), 2.0 + 0.2 * d_outputs.shape[1]))
def weigh(begin: int, end: int, weights: Array, total: Array, count: Array, losses: Array, d_outputs: Array) -> None:
    """losses x weights, and the gradient of the mean over `count` rows becomes that of the weighted mean.

    That is sum(weights x losses) / total. weights: (N,); total: (1,), their sum; losses: (N,); float64. count: (1,)
    int64. d_outputs: (N, K). A row of weight 0 is as one that is not there, even if its loss is not finite.
    """
    for i in range(begin, end):
        if weights[i] == 0.0:
            skip(losses, d_outputs, i)
            continue
        losses[i] *= weights[i]
        factor = d_outputs.dtype.type(weights[i] / total[0] * count[0])
        for j in range(d_outputs.shape[1]):
            d_outputs[i, j] *= factor
