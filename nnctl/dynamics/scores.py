"""How much each channel of a network matters, so that those that matter least can be left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.dynamics.channels import Channels
from nnctl.dynamics.structure import ByName, Structure

By = Literal["effect", "magnitude"]
Scores = dict[str, NDArray[np.float64]]
"""By a layer whose channels can be chosen, a number a channel, (C,); of one layer and of several they compare."""


def magnitudes(structure: Structure) -> Scores:
    """The norm of the weights that make a channel, over the root of the mean square of those of its layer.

    Source: Li et al. 2017, "Pruning filters for efficient ConvNets", section 3.1, with L2 norms as in section 4.5.
    """
    found = {}
    for layer, channels in _free(structure.channels).items():
        weight = structure.arrays[channels.weight].astype(np.float64)
        squares = np.square(weight).reshape(-1, channels.count).sum(axis=0)
        found[layer] = np.sqrt(squares / max(float(squares.mean()), np.finfo(np.float64).tiny))
    return found


def effects(
    structure: Structure,
    gradients: Iterable[ByName],
    channels: Mapping[str, Channels] | None = None,
    groups: Mapping[str, NDArray[np.int64]] | None = None,
) -> Scores:
    """How much the loss of a batch would change without a channel, squared, as a mean over batches.

    The change is that of the first order, g · w over the weights that read the channel: without it they might as well
    be 0. gradients: of the batches, by name of each parameter. channels: unset, those of the structure. groups: by the
    name of some of the channels, (C,), which of them go together: then it is a number a group, (G,).
    Source: Molchanov et al. 2019, "Importance estimation for neural network pruning", equations 5 and 8.
    """
    free = _free(structure.channels if channels is None else channels)
    together = {layer: (groups or {}).get(layer, np.arange(own.count)) for layer, own in free.items()}
    found = {layer: np.zeros(int(own.max()) + 1) for layer, own in together.items()}
    batches = 0
    for of_batch in gradients:
        batches += 1
        for layer, own in free.items():
            products = structure.arrays[own.reader].astype(np.float64) * of_batch[own.reader].astype(np.float64)
            changes = np.bincount(together[layer], weights=_by_channel(products, own.count))
            found[layer] += np.square(changes)
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


def _free(channels: Mapping[str, Channels]) -> dict[str, Channels]:
    return {layer: own for layer, own in channels.items() if not own.bound}


def _by_channel(products: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The sums of what belongs to each channel, (count,), of a reader's numbers, (..., positions x count, out)."""
    sums: NDArray[np.float64] = products.sum(axis=-1).reshape(-1, count).sum(axis=0)
    return sums
