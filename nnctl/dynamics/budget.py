"""Which channels stay where a network may have so many parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nnctl.dynamics.channels import Channels
from nnctl.dynamics.scores import Scores
from nnctl.dynamics.structure import Structure
from nnctl.layers.operation import size_of

MULTIPLE = 8  # of channels, which kernels compute side by side: 9 take as long as 16 (docs/dynamics.md)
LEAST = 2  # channels of a layer that are left


def kept_channels(structure: Structure, scores: Scores, most: int) -> dict[str, NDArray[np.int64]]:
    """By layer the channels that stay, (M,), in their order; the network has at most `most` parameters then.

    One after the other the channels go whose score is smallest for what they take, of the parameters and of the
    multiply-adds. Above 8 channels a layer has a multiple of 8. Where no channel is left that may go, the network has
    more parameters than asked for: `fewest` says how many at least.
    """
    costs, ranks = _Costs(structure), {layer: np.argsort(own, kind="stable") for layer, own in scores.items()}
    while costs.parameters > most:
        prices = {}
        for layer, ranked in ranks.items():
            goes = costs.goes(layer)
            if goes:
                gone = len(ranked) - costs.counts[layer]
                prices[layer] = float(scores[layer][ranked[gone : gone + goes]].sum()) / costs.share(layer, goes)
        if not prices:
            break
        cheapest = min(prices, key=lambda layer: prices[layer])
        costs.remove(cheapest, costs.goes(cheapest))
    return {layer: np.sort(ranked[len(ranked) - costs.counts[layer] :]) for layer, ranked in ranks.items()}


def most_parameters(structure: Structure, share: float) -> int:
    """The budget that a share of the parameters is."""
    return int(share * structure.plan.parameters + 1e-6)  # 0.29 of 100 are 29, though the product is 28.999…


def fewest(structure: Structure) -> int:
    """The parameters of the network where each layer has as few channels as may be left."""
    costs = _Costs(structure)
    for layer in costs.counts:
        while goes := costs.goes(layer):
            costs.remove(layer, goes)
    return costs.parameters


class _Costs:
    """What a network takes while channels go. counts: by layer how many there still are."""

    def __init__(self, structure: Structure) -> None:
        plan = structure.plan
        self.counts = {layer: own.count for layer, own in structure.channels.items() if not own.bound}
        self._channels: Mapping[str, Channels] = structure.channels
        self._sizes = {
            spec.name: size_of(spec.shape) for spec in plan.chain.arrays if spec.role in ("parameter", "frozen")
        }
        self._work = {  # multiply-adds for each number of a weight
            own.weight: layer.operation.multiply_adds / self._sizes[own.weight]
            for layer in plan.layers
            if (own := structure.channels.get(layer.name))
        }
        self._all = self.parameters, self._multiply_adds(self._sizes)

    @property
    def parameters(self) -> int:
        return sum(self._sizes.values())

    def goes(self, layer: str) -> int:
        """How many channels go next; 0 where all that are left stay."""
        count = self.counts[layer]
        left = (count - 1) // MULTIPLE * MULTIPLE if count > MULTIPLE else count - 1
        return count - left if left >= LEAST else 0

    def share(self, layer: str, goes: int) -> float:
        """What so many channels take: their share of all parameters and that of all multiply-adds."""
        takes = self._takes(layer, goes)
        return sum(takes.values()) / self._all[0] + self._multiply_adds(takes) / self._all[1]

    def remove(self, layer: str, goes: int) -> None:
        for name, size in self._takes(layer, goes).items():
            self._sizes[name] -= size
        self.counts[layer] -= goes

    def _takes(self, layer: str, goes: int) -> dict[str, int]:
        """Of each parameter, the numbers that belong to so many channels."""
        own = self._channels[layer]
        names = [name for name in (*own.arrays, own.reader) if name in self._sizes]
        return {name: self._sizes[name] // self.counts[layer] * goes for name in names}

    def _multiply_adds(self, sizes: Mapping[str, int]) -> float:
        return sum(self._work.get(name, 0.0) * size for name, size in sizes.items())
