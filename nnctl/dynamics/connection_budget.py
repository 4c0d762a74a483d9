"""Which connections stay where a network may have so many parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nnctl.dynamics.scores import Scores
from nnctl.dynamics.sparse import layers_with_choice
from nnctl.layers.operation import size_of
from nnctl.model.plan import NetworkPlan, PlannedLayer


def connection_count(layer: PlannedLayer) -> int:
    """How many a `linear` or `sparse_linear` layer has."""
    (count,) = (size_of(spec.shape) for spec in layer.operation.arrays if spec.name == "weight")
    return count


def fewest_parameters(plan: NetworkPlan) -> int:
    """The parameters of the network where each output has one connection left, if it had any."""
    return plan.parameters - sum(
        max(0, connection_count(layer) - layer.operation.outputs[-1]) for layer in layers_with_choice(plan).values()
    )


def kept_connections(
    scores: Scores, outputs: Mapping[str, NDArray[np.int64]], most: int
) -> dict[str, NDArray[np.bool_]]:
    """By layer which of its connections stay: the best of each output, and of all others those of the highest scores,
    so that there are `most` altogether, or one an output where that is more.

    scores, outputs: by layer, (K,), of each connection its score and its output. Of equal ones the first stays.
    """
    kept = {layer: _best_of_each(own, outputs[layer]) for layer, own in scores.items()}
    every = np.concatenate([np.where(kept[layer], np.inf, own) for layer, own in scores.items()])
    least = sum(int(own.sum()) for own in kept.values())
    stay = np.zeros(len(every), np.bool_)
    stay[np.argsort(-every, kind="stable")[: max(most, least)]] = True
    ends = np.cumsum([len(own) for own in scores.values()])[:-1]
    return dict(zip(scores, np.split(stay, ends), strict=True))


def _best_of_each(scores: NDArray[np.float64], outputs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a connection is the first of those with the highest score of its output."""
    order = np.lexsort((-scores, outputs))
    best = np.zeros(len(scores), np.bool_)
    best[order[np.unique(outputs[order], return_index=True)[1]]] = True
    return best
