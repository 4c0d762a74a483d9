"""How much the loss would change without a channel."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nnctl.dynamics.scores import Scores
from nnctl.dynamics.structure import ByName, Structure


def effects(structure: Structure, gradients: Iterable[ByName]) -> Scores:
    """The change of the loss of a batch without a channel, squared, as a mean over batches.

    It is that of the first order, g · w over the weights that read the channel: without it they might as well be 0.
    gradients: of the batches, by name of each parameter.
    Source: Molchanov et al. 2019, "Importance estimation for neural network pruning", equations 5 and 8.
    """
    free = {layer: own for layer, own in structure.channels.items() if not own.bound}
    found = {layer: np.zeros(own.count) for layer, own in free.items()}
    batches = 0
    for of_batch in gradients:
        batches += 1
        for layer, own in free.items():
            products = structure.arrays[own.reader].astype(np.float64) * of_batch[own.reader].astype(np.float64)
            found[layer] += np.square(_by_channel(products, own.count))
    return {layer: sums / max(batches, 1) for layer, sums in found.items()}


def weight_effects(
    structure: Structure, names: Iterable[str], gradients: Iterable[ByName]
) -> dict[str, NDArray[np.float64]]:
    """What `effects` is of channels, of each number of some weights: by their names, in their shapes."""
    found = {name: np.zeros(structure.arrays[name].shape) for name in names}
    batches = 0
    for of_batch in gradients:
        batches += 1
        for name, sums in found.items():
            sums += np.square(structure.arrays[name].astype(np.float64) * of_batch[name])
    return {name: sums / max(batches, 1) for name, sums in found.items()}


def _by_channel(products: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The sums of what belongs to each channel, (count,), of a reader's numbers, (..., positions x count, out)."""
    sums: NDArray[np.float64] = products.sum(axis=-1).reshape(-1, count).sum(axis=0)
    return sums
