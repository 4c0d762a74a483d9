"""What a rule may know when it changes the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from nnctl import random
from nnctl.config.rule import ChangeRow
from nnctl.dynamics.gradients import gradients_of_batches
from nnctl.dynamics.scores import By, Scores, effects, magnitudes, weight_effects
from nnctl.dynamics.sparse import listed_alike
from nnctl.dynamics.structure import ByName, Structure
from nnctl.kernels.device import Array
from nnctl.model.preparation import Prepared


@dataclass(frozen=True)
class Moment:
    """The end of an epoch, for one rule. prepared: with the network as it was before all rules of this moment.

    number: of the rule, in `dynamics`. changes: all so far, in their order. aside: what the rules have set aside for
    later, by a name; a rule puts there what is to be kept in checkpoints.
    """

    prepared: Prepared
    epoch: int
    number: int
    changes: tuple[ChangeRow, ...] = ()
    aside: dict[str, Array] = field(default_factory=dict)

    @property
    def own(self) -> list[ChangeRow]:
        """The changes that this rule made."""
        return [row for row in self.changes if row["rule"] == self.number]

    def path(self, layer: str) -> str:
        """Where a layer of the config is now: `layers.2` is `layers.3` when one was put in before it."""
        head, position, *rest = layer.split(".")
        at = int(position)
        for row in self.changes:
            if "inserted" in row and int(row["inserted"].split(".")[1]) <= at:
                at += 1
        return ".".join([head, str(at), *rest])

    def generator(self, purpose: str) -> np.random.Generator:
        """Random numbers of this rule at this moment."""
        return random.generator(self.prepared.config.seed, f"dynamics.{self.number} {purpose}", self.epoch)

    def gradients(self, structure: Structure) -> dict[str, Array]:
        """By name of each parameter, the mean over batches of training samples of the gradient of their loss, float64.

        In evaluation: without dropout, with running statistics. Layers that are frozen have gradients, too.
        """
        total: dict[str, Array] = {}
        count = 0
        for gradients in self._batches(structure):
            count += 1
            for name, gradient in gradients.items():
                total[name] = total[name] + gradient if name in total else gradient.astype(np.float64)
        return {name: gradient / count for name, gradient in total.items()}

    def scores(self, structure: Structure, by: By) -> Scores:
        """How much each channel matters, of those that can be chosen."""
        return magnitudes(structure) if by == "magnitude" else effects(structure, self._batches(structure))

    def connection_scores(self, structure: Structure, layers: Iterable[str], by: By) -> Scores:
        """How much each connection of these layers matters, in the order of `connections_of`; they compare."""
        names = {layer: f"{layer}.weight" for layer in layers}
        if by == "magnitude":
            sizes = {name: np.abs(structure.arrays[name].astype(np.float64)) for name in names.values()}
        else:
            sizes = weight_effects(structure, names.values(), self._batches(structure))
        return {layer: listed_alike(sizes[name], structure, layer) for layer, name in names.items()}

    def _batches(self, structure: Structure) -> Iterator[ByName]:
        return gradients_of_batches(self.prepared, structure)
