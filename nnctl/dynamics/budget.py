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
    multiply-adds, which are taken to be those of the next multiple of 8 channels. As soon as one more layer that loses
    some is enough, it is the one with which most parameters stay. Above 8 channels a layer has a multiple of 8. Where
    no channel is left that may go, the network has more parameters than asked for: `fewest` says how many at least.
    """
    costs, ranks = _Costs(structure), {layer: np.argsort(own, kind="stable") for layer, own in scores.items()}
    while costs.parameters > most:
        losses = {}
        for layer, ranked in ranks.items():
            goes = costs.goes(layer)
            if goes:
                gone = len(ranked) - costs.counts[layer]
                losses[layer] = float(scores[layer][ranked[gone : gone + goes]].sum())
        if not losses:
            break
        left = {layer: costs.parameters_without(layer) for layer in losses}
        enough = {layer: float(-count) for layer, count in left.items() if count <= most}
        prices = enough or {layer: loss / costs.share(layer) for layer, loss in losses.items()}
        costs.remove(min(prices, key=lambda layer: prices[layer]))
    return {layer: np.sort(ranked[len(ranked) - costs.counts[layer] :]) for layer, ranked in ranks.items()}


def most_parameters(structure: Structure, share: float) -> int:
    """The budget that a share of the parameters is."""
    return int(share * structure.plan.parameters + 1e-6)  # 0.29 of 100 are 29, though the product is 28.999…


def fewest(structure: Structure) -> int:
    """The parameters of the network where each layer has as few channels as may be left."""
    costs = _Costs(structure)
    for layer in [layer for layer, own in structure.channels.items() if not own.bound]:
        while costs.goes(layer):
            costs.remove(layer)
    return costs.parameters


class _Costs:
    """What a network takes while channels go. counts: by layer how many there still are."""

    def __init__(self, structure: Structure) -> None:
        plan = structure.plan
        self._channels: Mapping[str, Channels] = structure.channels
        self.counts = {layer: own.count for layer, own in structure.channels.items()}
        self._sizes = {
            spec.name: size_of(spec.shape) for spec in plan.chain.arrays if spec.role in ("parameter", "frozen")
        }
        self._work = {  # by layer, multiply-adds for each number of its weight
            layer.name: layer.operation.multiply_adds / self._sizes[own.weight]
            for layer in plan.layers
            if (own := structure.channels.get(layer.name))
        }
        self._all = self.parameters, self._work_of(self._sizes, self.counts)

    @property
    def parameters(self) -> int:
        return sum(self._sizes.values())

    def goes(self, layer: str) -> int:
        """How many channels go next; 0 where all that are left stay."""
        count = self.counts[layer]
        left = (count - 1) // MULTIPLE * MULTIPLE if count > MULTIPLE else count - 1
        return count - left if left >= LEAST else 0

    def parameters_without(self, layer: str) -> int:
        """Those of the network once the layer's next channels are gone."""
        return sum(self._without(layer)[0].values())

    def share(self, layer: str) -> float:
        """What the layer's next channels take: their share of all parameters and that of all multiply-adds."""
        sizes, counts = self._without(layer)
        work = self._work_of(self._sizes, self.counts) - self._work_of(sizes, counts)
        return (self.parameters - sum(sizes.values())) / self._all[0] + work / self._all[1]

    def remove(self, layer: str) -> None:
        self._sizes, self.counts = self._without(layer)

    def _without(self, layer: str) -> tuple[dict[str, int], dict[str, int]]:
        """The sizes of all parameters and the counts of channels, once the layer's next ones are gone."""
        goes = self.goes(layer)
        own, count = self._channels[layer], self.counts[layer]
        taken = {name: self._sizes[name] // count * goes for name in (*own.arrays, own.reader) if name in self._sizes}
        sizes = {name: size - taken.get(name, 0) for name, size in self._sizes.items()}
        return sizes, self.counts | {layer: count - goes}

    def _work_of(self, sizes: Mapping[str, int], counts: Mapping[str, int]) -> float:
        """Multiply-adds where the channels of a layer are computed in multiples of 8."""
        return sum(
            work * sizes[self._channels[layer].weight] / counts[layer] * (-(-counts[layer] // MULTIPLE) * MULTIPLE)
            for layer, work in self._work.items()
        )
