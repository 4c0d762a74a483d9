"""Fewer channels, by and by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.config.rule import Mistake
from nnctl.dynamics.budget import kept_channels
from nnctl.dynamics.channels import channels_of
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import Change, NetworkRule
from nnctl.dynamics.scores import By
from nnctl.dynamics.select import select
from nnctl.dynamics.structure import Structure
from nnctl.model.plan import NetworkPlan
from nnctl.text import listed


class Prune(NetworkRule):
    """The channels that matter least are left out, and with them all that makes and reads them.

    Of several moments each cuts a part: of n the i-th leaves keep + (1 - keep) (1 - i/n)^3 of the parameters, so that
    most goes early, when much is superfluous (Zhu and Gupta 2017, "To prune, or not to prune", equation 1). The network
    is smaller and faster from then on; the best checkpoint is the best one since the last cut.
    """

    makes_smaller: ClassVar[bool] = True

    type: Literal["prune"] = "prune"
    keep: float = Field(gt=0.0, lt=1.0)
    """The share of the parameters that is left in the end."""
    by: By = "effect"
    """What tells how much a channel matters: `effect`, the loss without it, or `magnitude`, that of its weights."""

    def problems(self, plan: NetworkPlan) -> Iterator[Mistake]:
        if self.patience is not None:
            yield ("patience",), "is set, and when to prune cannot depend on it", "use `at`, or `every` with `end`"
        elif self.every is not None and self.end is None:
            what = f"is {self.every:,}, and no `end` says by when {self.keep:.0%} of the parameters are left"
            yield ("every",), what, "set `end`, and leave some epochs after it to recover"
        channels = channels_of(plan)
        if all(own.bound for own in channels.values()):
            why = listed([f"{name}: {own.bound}" for name, own in channels.items()], 4)
            yield (), f"no layer has channels that may go: {why}", "prune a network with hidden layers"

    def in_words(self, plan: NetworkPlan) -> str:
        steps = self._moments()
        times = f" in {len(steps)} steps" if len(steps) > 1 else ""
        return f"leave {self.keep:.1%} of the {plan.parameters:,} parameters, by {self.by}{times}"

    def change(self, structure: Structure, moment: Moment) -> Change | None:
        moments = self._moments()
        left = 1.0 - (moments.index(moment.epoch) + 1) / len(moments)
        own = moment.own
        whole = own[0]["of"] if own else structure.plan.parameters
        most = int((self.keep + (1.0 - self.keep) * left**3) * whole)
        kept = kept_channels(structure, moment.scores(structure, self.by), most)
        counts = {layer: structure.channels[layer].count for layer in kept}
        cut = {layer: [counts[layer], len(stay)] for layer, stay in kept.items() if len(stay) < counts[layer]}
        if not cut:
            return None
        for layer in cut:
            structure = select(structure, layer, kept[layer])
        words = listed([f"{layer} from {before:,} to {after:,}" for layer, (before, after) in cut.items()], 4)
        return Change(structure, f"channels were pruned, {words}", {"channels": cut, "of": whole})

    def _moments(self) -> list[int]:
        """The epochs after which it cuts."""
        if self.at is not None:
            return self.at
        every, end = self.every or 1, self.end or self.begin
        return [epoch for epoch in range(every, end + 1, every) if epoch >= self.begin]
