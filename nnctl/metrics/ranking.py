"""How well scores rank what is against what is not, whatever the threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.probabilities import softmax
from nnctl.metrics.tally import collected

Array = NDArray[Any]


def curve(scores: Array, positive: Array, weights: Array) -> tuple[Array, Array, Array]:
    """The distinct scores from the largest down, and what those at least as large weigh: positive ones, others.

    (M,) each. scores: (N,). positive: (N,), which of them are to be ranked first. weights: (N,).
    """
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], len(scores) > 0))  # of each of the equal ones
    hits, others = (np.cumsum(np.where(own, weights, 0.0)[order])[last] for own in (positive, ~positive))
    return falling[last], hits, others


def margins(outputs: Array, targets: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Scores of the second of two classes, or of 1, which are it, and their weights; (M,) each, all outputs in one.

    outputs: (N, 2) with targets (N,), or (N, K) with targets (N, K). weights: (N,).
    """
    if targets.ndim == 1:
        return outputs[:, 1] - outputs[:, 0], targets == 1, weights
    return outputs.ravel(), targets.ravel() > 0.5, np.repeat(weights, outputs.shape[1])


def mean_over_classes(tally: Array, measure: Callable[[Array, Array, Array], float]) -> float:
    """The plain mean of a measure of what `curve` takes, over those for which it is a number.

    tally: of ROWS. Of two classes it is that of the second, of binary targets that of each output, of more classes that
    of each against the others by its probability.
    """
    outputs, targets, weights = collected(tally)
    values = [measure(scores, positive, weights) for scores, positive in _one_against_others(outputs, targets)]
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")


def _one_against_others(outputs: Array, targets: Array) -> Iterator[tuple[Array, Array]]:
    if not np.isfinite(outputs).all():
        return
    if targets.ndim == 2:
        yield from zip(outputs.T, targets.T > 0.5, strict=True)
    elif outputs.shape[1] == 2:
        yield outputs[:, 1] - outputs[:, 0], targets == 1
    else:
        for number, scores in enumerate(softmax(outputs).T):
            yield scores, targets == number
