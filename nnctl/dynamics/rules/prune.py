"""Fewer channels, or fewer weights, by and by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.config.rule import Mistake
from nnctl.dynamics.budget import kept_channels
from nnctl.dynamics.channels import channels_of
from nnctl.dynamics.connection_budget import fewest_parameters, kept_connections
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import Change, NetworkRule
from nnctl.dynamics.scores import By
from nnctl.dynamics.select import select
from nnctl.dynamics.sparse import connections_of, layers_with_choice, with_connections
from nnctl.dynamics.structure import Structure
from nnctl.kernels.device import MissingKernelsError
from nnctl.layers.connections import dropped
from nnctl.model.plan import NetworkPlan
from nnctl.text import listed


class Prune(NetworkRule):
    """What matters least is left out: channels, with all that makes and reads them, or single weights.

    Of several moments each cuts a part: of n the i-th leaves keep + (1 - keep) (1 - i/n)^3 of the parameters, so that
    most goes early, when much is superfluous (Zhu and Gupta 2017, "To prune, or not to prune", equation 1). The network
    is smaller from then on, and the best checkpoint is the best one since the last cut. With fewer channels it is also
    faster. Weights go out of `linear` layers, which become `sparse_linear`, and out of such ones (Han et al. 2015,
    "Learning both weights and connections"); biases and all other layers stay.
    """

    makes_smaller: ClassVar[bool] = True

    type: Literal["prune"] = "prune"
    keep: float = Field(gt=0.0, lt=1.0)
    """The share of the parameters that is left in the end; integers that say where weights are do not count."""
    what: Literal["channels", "weights"] = "channels"
    """What goes; of the `weights` of all layers together, at least one an output stays."""
    by: By = "effect"
    """What tells how much one matters: `effect`, the loss without it, or `magnitude`, that of its weights."""

    @property
    def makes_sparse(self) -> bool:
        return self.what == "weights"

    @property
    def needs_channels(self) -> bool:
        return self.what == "channels"

    def problems(self, plan: NetworkPlan) -> Iterator[Mistake]:
        if self.patience is not None:
            yield ("patience",), "is set, and when to prune cannot depend on it", "use `at`, or `every` with `end`"
        elif self.every is not None and self.end is None:
            what = f"is {self.every:,}, and no `end` says by when {self.keep:.0%} of the parameters are left"
            yield ("every",), what, "set `end`, and leave some epochs after it to recover"
        yield from self._of_weights(plan) if self.what == "weights" else self._of_channels(plan)

    def _of_channels(self, plan: NetworkPlan) -> Iterator[Mistake]:
        channels = channels_of(plan)
        if all(own.bound for own in channels.values()):
            why = listed([f"{name}: {own.bound}" for name, own in channels.items()], 4)
            help = "use `what: weights`" if layers_with_choice(plan) else "prune a network with hidden layers"
            yield (), f"no layer has channels that may go: {why}", help

    def _of_weights(self, plan: NetworkPlan) -> Iterator[Mistake]:
        others = any(not own.bound for own in channels_of(plan).values())
        help = "use `what: channels`" if others else "remove the rule"
        if not layers_with_choice(plan):
            yield ("what",), "is weights, and the network has no `linear` layers whose weights could go", help
        elif not _has_sparse_kernels(plan):
            yield ("what",), f"is weights, and device {plan.device.name} has no kernels for `sparse_linear`", help
        elif (least := fewest_parameters(plan)) > int(self.keep * plan.parameters):
            share = math.ceil(1000.0 * least / plan.parameters + 1e-6) / 1000.0
            what = f"is {self.keep:g}, and {share:.1%} of the parameters stay: a weight an output, biases, other layers"
            yield ("keep",), what, f"set it to {share:g} or more" if share < 1.0 else "remove the rule"

    def in_words(self, plan: NetworkPlan) -> str:
        steps = self._moments()
        times = f" in {len(steps)} steps" if len(steps) > 1 else ""
        leave = f"leave {self.keep:.1%} of the {plan.parameters:,} parameters, by {self.by}{times}"
        if self.what == "channels":
            return leave
        layers = layers_with_choice(plan)
        return f"{leave}: single weights of {listed(layers, 4)}, each kept with an integer; all else stays"

    def change(self, structure: Structure, moment: Moment) -> Change | None:
        moments = self._moments()
        left = 1.0 - (moments.index(moment.epoch) + 1) / len(moments)
        own = moment.own
        whole = own[0]["of"] if own else structure.plan.parameters
        most = int((self.keep + (1.0 - self.keep) * left**3) * whole)
        cut = self._weights_cut if self.what == "weights" else self._channels_cut
        structure, counts = cut(structure, moment, most)
        if not counts:
            return None
        words = listed([f"{layer} from {before:,} to {after:,}" for layer, (before, after) in counts.items()], 4)
        what = "connections" if self.what == "weights" else "channels"
        if structure.plan.parameters > most:
            words += f", and no more may go to leave {most:,} parameters"
        return Change(structure, f"{what} were pruned, {words}", {what: counts, "of": whole})

    def _channels_cut(self, structure: Structure, moment: Moment, most: int) -> tuple[Structure, dict[str, list[int]]]:
        """The structure with so many parameters, and of each layer that has fewer channels how many it had and has."""
        kept = kept_channels(structure, moment.scores(structure, self.by), most)
        counts = {layer: structure.channels[layer].count for layer in kept}
        cut = {layer: [counts[layer], len(stay)] for layer, stay in kept.items() if len(stay) < counts[layer]}
        for layer in cut:
            structure = select(structure, layer, kept[layer])
        return structure, cut

    def _weights_cut(self, structure: Structure, moment: Moment, most: int) -> tuple[Structure, dict[str, list[int]]]:
        """The same of connections."""
        goes = structure.plan.parameters - most
        if goes <= 0:
            return structure, {}
        layers = {layer: connections_of(structure, layer) for layer in layers_with_choice(structure.plan)}
        scores = moment.connection_scores(structure, layers, self.by)
        left = sum(len(own.inputs) for own in layers.values()) - goes
        kept = kept_connections(scores, {layer: own.outputs for layer, own in layers.items()}, left)
        cut = {layer: [len(stay), int(stay.sum())] for layer, stay in kept.items() if not stay.all()}
        for layer in cut:
            structure = with_connections(structure, layer, dropped(layers[layer], kept[layer]))
        return structure, cut

    def _moments(self) -> list[int]:
        """The epochs after which it cuts."""
        if self.at is not None:
            return self.at
        every, end = self.every or 1, self.end or self.begin
        return [epoch for epoch in range(every, end + 1, every) if epoch >= self.begin]


def _has_sparse_kernels(plan: NetworkPlan) -> bool:
    try:
        return plan.device.kernels.sparse_linear is not None
    except MissingKernelsError:
        return False
