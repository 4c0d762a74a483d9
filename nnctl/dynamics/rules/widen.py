"""More outputs for a layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.config.rule import Mistake
from nnctl.dynamics.channels import Channels, channels_of
from nnctl.dynamics.gradmax import why_not, with_largest_gradients
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.new_channels import with_new_channels
from nnctl.dynamics.rule import Change, NetworkRule, unknown_layer
from nnctl.dynamics.select import select
from nnctl.dynamics.structure import Structure
from nnctl.model.plan import NetworkPlan
from nnctl.text import counted

LEAST_SHARE = 0.25  # of what a copy and its original are read with, so that they learn different things


class Widen(NetworkRule):
    """A layer gets more outputs, and the network computes what it did.

    `copy`: new outputs are copies of some that are there, which the layers behind read with a share each, and which
    part company while they learn: Chen, Goodfellow and Shlens 2016, "Net2Net", section 2.2, where noise does what
    different shares do here. The optimizer's slots are those of the originals. `gradmax`: the weights that make new
    outputs are 0, and those that read them are such that the gradients of the former are largest: Evci et al. 2022,
    "GradMax: Growing neural networks using gradient information". `random`: new outputs are made as at the beginning of
    a run, and read with weights of 0.
    """

    type: Literal["widen"] = "widen"
    layer: str
    """The path of the layer, such as layers.0."""
    by: int = Field(ge=1, le=100_000)
    """How many outputs it gets each time."""
    limit: int = Field(ge=2, le=1_000_000)
    """The most outputs it has in the end."""
    new: Literal["copy", "gradmax", "random"] = "copy"
    """What new outputs are; gradmax: of linear layers with an activation like tanh or gelu between them, where it is 0
    and has a slope at 0."""

    def problems(self, plan: NetworkPlan) -> Iterator[Mistake]:
        channels = channels_of(plan)
        own = channels.get(self.layer)
        if own is None or own.bound:
            free = [name for name, other in channels.items() if not other.bound]
            if own is None:
                yield ("layer",), *unknown_layer(self.layer, free, "can get more outputs")
            else:
                others = f"widen {' or '.join(free)} instead" if free else "remove the rule"
                yield ("layer",), f"is {self.layer}, which cannot get more outputs: {own.bound}", others
        elif self.limit <= own.count:
            what = f"is {self.limit:,}, and {self.layer} begins with {counted(own.count, 'output')}"
            yield ("limit",), what, f"set it to {own.count + self.by:,} or more"
        elif self.new == "gradmax":
            yield from self._problems_of_gradmax(plan, own)

    def in_words(self, plan: NetworkPlan) -> str:
        count = channels_of(plan)[self.layer].count
        how = "" if self.new == "copy" else f" ({self.new})"
        return f"widen {self.layer} by {counted(self.by, 'output')}{how}, from {count:,} up to {self.limit:,}"

    def change(self, structure: Structure, moment: Moment) -> Change | None:
        layer = moment.path(self.layer)
        count = structure.channels[layer].count
        more = min(self.by, self.limit - count)
        if more <= 0:
            return None
        wider = self._wider(structure, layer, more, moment)
        words = f"{layer} was widened from {count:,} to {counted(count + more, 'output')}"
        facts = {"layer": layer, "outputs": [count, count + more]} | ({} if self.new == "copy" else {"new": self.new})
        return Change(wider, words, facts)

    def _wider(self, structure: Structure, layer: str, more: int, moment: Moment) -> Structure:
        if self.new == "copy":
            draw, count = moment.generator("copies"), structure.channels[layer].count
            sources = np.concatenate([np.arange(count), _copied(draw, count, more)])
            return select(structure, layer, sources, _shares(draw, sources, count))
        draw = moment.generator("new outputs")
        if self.new == "random":
            return with_new_channels(structure, layer, more, draw)
        return with_largest_gradients(structure, layer, more, moment.gradients, draw)

    def _problems_of_gradmax(self, plan: NetworkPlan, own: Channels) -> Iterator[Mistake]:
        if why := why_not(plan, own):
            yield ("new",), f"is gradmax, and {why}", "use `new: copy`, or `new: random`"
            return
        reader = own.reader.rpartition(".")[0]
        outputs = next(layer for layer in plan.layers if layer.name == reader).operation.outputs[-1]
        if self.by > outputs:
            what = f"is {self.by:,}, and gradmax finds a new output for each of {reader}, which has {outputs:,}"
            yield ("by",), what, f"set it to {outputs:,} or less, or use `new: copy`"


def _copied(draw: np.random.Generator, count: int, more: int) -> NDArray[np.int64]:
    """Which outputs are copied, each as often as any other, give or take once."""
    rounds = [draw.permutation(count) for _ in range(-(-more // count))]
    copied: NDArray[np.int64] = np.concatenate(rounds)[:more]
    return copied


def _shares(draw: np.random.Generator, sources: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """For each output what it is read with: positive, unequal among the copies of one, whose sum is 1."""
    drawn = draw.uniform(LEAST_SHARE, 1.0, len(sources))
    shares: NDArray[np.float64] = drawn / np.bincount(sources, drawn, count)[sources]
    return shares
