"""Cascade-correlation: one unit after the other, each trained to vary as the errors that are left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from pydantic import Field

from nnctl.config.rule import Mistake
from nnctl.dynamics.candidates import best_candidate
from nnctl.dynamics.insert import first_slot, insert
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.residual_errors import features_and_errors
from nnctl.dynamics.rule import Change, NetworkRule
from nnctl.dynamics.select import without_values
from nnctl.dynamics.structure import ByName, Structure
from nnctl.layers.activation import Activation
from nnctl.layers.chain import Link
from nnctl.layers.linear import Linear
from nnctl.layers.operation import Array
from nnctl.layers.parallel import Parallel
from nnctl.layers.sigmoid import Sigmoid
from nnctl.layers.tanh import Tanh
from nnctl.model.plan import NetworkPlan
from nnctl.text import counted


class Cascade(NetworkRule):
    """The network gets a unit in front of its last layer, which reads all that the last layer read, and stays as it is.

    Some candidates are trained beside the network, each so that its output varies most with the errors of the network;
    the best one becomes a part of it, frozen, and the last layer reads it with a weight of 0, so that the network
    computes what it did: Fahlman and Lebiere 1990, "The cascade-correlation learning architecture". The errors are the
    gradients of the loss with respect to the network's outputs.
    """

    type: Literal["cascade"] = "cascade"
    limit: int = Field(ge=1, le=1_000)
    """The most units that it puts in, one each time."""
    candidates: int = Field(default=8, ge=1, le=1_000)
    """How many are trained each time."""
    activation: Literal["tanh", "sigmoid"] = "tanh"
    """Of the units."""
    rounds: int = Field(default=200, ge=1, le=100_000)
    """How often the candidates' weights change before the best is chosen."""
    samples: int = Field(default=4_000, ge=2, le=1_000_000)
    """The most training samples that they are trained on."""

    def problems(self, plan: NetworkPlan) -> Iterator[Mistake]:
        last = _last(plan)
        if last is None or not isinstance(last.layer, Linear):
            what = "puts units in front of a linear layer at the end, and "
            what += "the network has no layer" if last is None else f"{last.name} is a {last.layer.kind} layer"
            yield (), what, "end the network with a linear layer, or remove the rule"
        elif len(last.inputs) > 1:
            what = f"puts units in front of the last layer, and {last.name} reads a row for each step of a sequence"
            yield (), what, "put `- mean_over_steps` in front of it, or remove the rule"

    def in_words(self, plan: NetworkPlan) -> str:
        last = _last(plan)
        assert last is not None
        best = f"the best of {counted(self.candidates, 'candidate')}"
        return f"put a unit in front of {last.name}, {best}, up to {counted(self.limit, 'unit')}"

    def change(self, structure: Structure, moment: Moment) -> Change | None:
        units, last = len(moment.own) + 1, _last(structure.plan)
        if units > self.limit or last is None:
            return None
        features, errors = features_and_errors(moment.prepared, structure, last.name, self.samples)
        start = moment.generator("candidates").uniform(-1.0, 1.0, (self.candidates, features.shape[1] + 1))
        best = best_candidate(features, errors, self.activation, self.rounds, start)
        unit = Linear(out_features=1, activation=Tanh() if self.activation == "tanh" else Sigmoid(), freeze=True)
        arrays = {"branches.1.0.weight": best.weight[:, np.newaxis], "branches.1.0.bias": np.array([best.bias])}
        position = int(last.name.split(".")[1])
        layer = Parallel(branches=[[], [unit]])
        read = _with_a_row_of_zeros(structure, f"{last.name}.weight")
        grown = insert(read, position, layer, arrays, moment.generator("new layer"))
        facts: dict[str, Any] = {"layer": last.name, "units": units, "score": best.score}
        of = len(moment.prepared.dataset.train)
        on = f", on {len(features):,} of {of:,} training samples" if len(features) < of else ""
        facts |= {"samples": len(features)} if on else {}
        words = f"unit {units:,} was put in as {last.name} (correlation {best.score:.2f}{on})"
        return Change(grown, words, facts, inserted=last.name)


def _last(plan: NetworkPlan) -> Link | None:
    """The last of the network's own layers that is no activation."""
    own = [link for link in plan.chain.links if link.name.count(".") == 1 and not isinstance(link.layer, Activation)]
    return own[-1] if own else None


def _with_a_row_of_zeros(structure: Structure, weight: str) -> Structure:
    """The structure where a weight has a further row, of what is not yet there to be read."""

    def longer(arrays: ByName, first: float = 0.0) -> dict[str, Array]:
        def one(array: Array) -> Array:
            return np.concatenate([array, np.full((1, array.shape[1]), first, array.dtype)])

        return {name: one(array) if name == weight else array for name, array in arrays.items()}

    position = int(weight.split(".")[1])
    layers = list(structure.layers)
    layers[position] = without_values(layers[position])
    slots = {
        slot: longer(numbers, first_slot(numbers, structure.degrees[slot])) for slot, numbers in structure.slots.items()
    }
    return replace(structure, layers=tuple(layers), arrays=longer(structure.arrays), slots=slots)
