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
    some is enough, it is the one with which most parameters stay. Then those come back that the budget has room for,
    which have the largest scores for what they take. Above 8 channels a layer has a multiple of 8. Where no channel is
    left that may go, the network has more parameters than asked for: `fewest` says how many at least.
    """
    costs, ranks = _Costs(structure), {layer: np.argsort(own, kind="stable") for layer, own in scores.items()}
    before: dict[str, list[int]] = {layer: [] for layer in ranks}  # how many channels a layer had, time after time

    def price(layer: str, more: int, fewer: int) -> float:
        """The scores of the channels that a layer has more, for what they take."""
        ranked = ranks[layer]
        own = ranked[len(ranked) - more : len(ranked) - fewer]
        return float(scores[layer][own].sum()) / costs.share(layer, more, fewer)

    while costs.parameters > most:
        fewer = {layer: count for layer in ranks if (count := costs.fewer(layer))}
        if not fewer:
            break
        left = {layer: costs.parameters_with(layer, count) for layer, count in fewer.items()}
        enough = [layer for layer, parameters in left.items() if parameters <= most]
        if enough:
            layer = max(enough, key=lambda layer: left[layer])
        else:
            layer = min(fewer, key=lambda layer: price(layer, costs.counts[layer], fewer[layer]))
        before[layer].append(costs.counts[layer])
        costs.change(layer, fewer[layer])
    while True:
        more = {
            layer: counts[-1]
            for layer, counts in before.items()
            if counts and costs.parameters_with(layer, counts[-1]) <= most
        }
        if not more:
            break
        layer = max(more, key=lambda layer: price(layer, more[layer], costs.counts[layer]))
        costs.change(layer, before[layer].pop())
    return {layer: np.sort(ranked[len(ranked) - costs.counts[layer] :]) for layer, ranked in ranks.items()}


def most_parameters(structure: Structure, share: float) -> int:
    """The budget that a share of the parameters is."""
    return int(share * structure.plan.parameters + 1e-6)  # 0.29 of 100 are 29, though the product is 28.999…


def fewest(structure: Structure) -> int:
    """The parameters of the network where each layer has as few channels as may be left."""
    costs = _Costs(structure)
    for layer in [layer for layer, own in structure.channels.items() if not own.bound]:
        while count := costs.fewer(layer):
            costs.change(layer, count)
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

    def fewer(self, layer: str) -> int:
        """How many channels a layer has next; 0 where all that are left stay."""
        count = self.counts[layer]
        left = (count - 1) // MULTIPLE * MULTIPLE if count > MULTIPLE else count - 1
        return left if left >= LEAST else 0

    def parameters_with(self, layer: str, count: int) -> int:
        """Those of the network where a layer has so many channels."""
        return sum(self._with(layer, count)[0].values())

    def share(self, layer: str, more: int, fewer: int) -> float:
        """What a layer's channels take: their share of all parameters and that of all multiply-adds."""
        larger, smaller = self._with(layer, more), self._with(layer, fewer)
        parameters = sum(larger[0].values()) - sum(smaller[0].values())
        return parameters / self._all[0] + (self._work_of(*larger) - self._work_of(*smaller)) / self._all[1]

    def change(self, layer: str, count: int) -> None:
        self._sizes, self.counts = self._with(layer, count)

    def _with(self, layer: str, count: int) -> tuple[dict[str, int], dict[str, int]]:
        """The sizes of all parameters and the counts of channels, where a layer has so many."""
        own = self._channels[layer]
        changed = {name for name in (*own.arrays, own.reader) if name in self._sizes}
        sizes = {
            name: size // self.counts[layer] * count if name in changed else size for name, size in self._sizes.items()
        }
        return sizes, self.counts | {layer: count}

    def _work_of(self, sizes: Mapping[str, int], counts: Mapping[str, int]) -> float:
        """Multiply-adds where the channels of a layer are computed in multiples of 8."""
        return sum(
            work * sizes[self._channels[layer].weight] / counts[layer] * (-(-counts[layer] // MULTIPLE) * MULTIPLE)
            for layer, work in self._work.items()
        )
