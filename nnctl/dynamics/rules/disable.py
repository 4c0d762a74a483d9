"""A network that does without some of its units for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.config.rule import ChangeRow, Mistake
from nnctl.dynamics.channels import channels_of
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import Change, NetworkRule, unknown_layer
from nnctl.dynamics.scores import By
from nnctl.dynamics.select import select
from nnctl.dynamics.structure import ByName, Structure
from nnctl.layers.operation import Array
from nnctl.model.plan import NetworkPlan
from nnctl.text import counted, listed

NETWORK = "network"  # what is set aside: arrays of the network, then the optimizer's slots by name, and units
UNITS = "units"


class Disable(NetworkRule):
    """Units are set aside for some epochs, and come back with the weights that they had.

    Meanwhile the network is smaller and faster, and learns to do without them. No other rule acts. As dropout does, of
    which it is the slow kind (Srivastava et al. 2014), it keeps units from relying on each other.
    """

    type: Literal["disable"] = "disable"
    layers: list[str] | None = Field(default=None, min_length=1)
    """The paths of the layers; unset, all whose outputs can be set aside."""
    share: float = Field(default=0.25, gt=0.0, lt=1.0)
    """The share of each layer's units; at least one stays."""
    epochs: int = Field(default=1, ge=1)
    """For how many epochs."""
    by: By | Literal["random"] = "random"
    """Which: `random` ones, or those that matter least by their `effect` on the loss or the `magnitude` of weights."""

    @property
    def lasts(self) -> int:
        return self.epochs

    def problems(self, plan: NetworkPlan) -> Iterator[Mistake]:
        channels = channels_of(plan)
        free = [name for name, own in channels.items() if not own.bound]
        if not free:
            why = listed([f"{name}: {own.bound}" for name, own in channels.items()], 4)
            yield (), f"no layer has units that can be set aside: {why}", "remove the rule, or add a hidden layer"
        for position, name in enumerate(self.layers or ()):
            if name not in channels:
                yield ("layers", position), *unknown_layer(name, free, "has units that can be set aside")
            elif channels[name].bound:
                what = f"is {name}, whose units cannot be set aside: {channels[name].bound}"
                yield ("layers", position), what, f"use {' or '.join(free)}" if free else "remove the rule"
        chosen = [name for name in self.layers or free if name in free]
        if chosen and not any(self._away(channels[name].count) for name in chosen):
            what = f"is {self.share:g}, and that is not one unit of {listed(chosen, 4)}"
            yield ("share",), what, "make it larger"
        if self.at is None and self.end is None:
            what = "is not set, and the units that are set aside last are to come back before the run ends"
            yield ("end",), what, "set it to an epoch from which the run has some left"
        if self.every is not None and self.every < self.epochs:
            what = f"is {self.every:,}, and the units are away for {counted(self.epochs, 'epoch')}"
            yield ("every",), what, f"set it to {self.epochs} or more"

    def in_words(self, plan: NetworkPlan) -> str:
        which = "random" if self.by == "random" else f"those that matter least by {self.by}"
        of = "all layers" if self.layers is None else listed(self.layers, 4)
        return f"set aside {self.share:.0%} of the units of {of} for {counted(self.epochs, 'epoch')}, {which}"

    def is_due(self, epoch: int, own: Sequence[ChangeRow], stalls: Callable[[], bool]) -> bool:
        if own and "until" in own[-1]:
            return epoch >= int(own[-1]["until"])
        return super().is_due(epoch, own, stalls)

    def change(self, structure: Structure, moment: Moment) -> Change | None:
        own = moment.own
        return self._returned(structure, moment) if own and "until" in own[-1] else self._set_aside(structure, moment)

    def _set_aside(self, structure: Structure, moment: Moment) -> Change | None:
        chosen = [name for name, own in structure.channels.items() if not own.bound]
        if self.layers is not None:
            wanted = [moment.path(name) for name in self.layers]
            chosen = [name for name in chosen if name in wanted]
        scores = {} if self.by == "random" else moment.scores(structure, self.by)
        kept: dict[str, NDArray[np.int64]] = {}
        for layer in chosen:
            count = structure.channels[layer].count
            order = moment.generator(layer).permutation(count) if self.by == "random" else np.argsort(scores[layer])
            if away := self._away(count):
                kept[layer] = np.sort(order[away:])
        if not kept:
            return None
        smaller = _without(structure, kept)
        moment.aside.clear()
        moment.aside.update(_named(NETWORK, structure.arrays))
        for slot, numbers in structure.slots.items():
            moment.aside.update(_named(slot, numbers))
        moment.aside.update({f"{UNITS}.{layer}": units for layer, units in kept.items()})
        until = moment.epoch + self.epochs
        gone = {layer: structure.channels[layer].count - len(units) for layer, units in kept.items()}
        words = f"{_of(gone)} were set aside, until after epoch {until:,}"
        return Change(smaller, words, {"units": gone, "until": until})

    def _returned(self, structure: Structure, moment: Moment) -> Change:
        """The network of then, where what has been trained since has its new numbers."""
        aside = moment.aside
        kept = {name.removeprefix(f"{UNITS}."): aside[name] for name in aside if name.startswith(f"{UNITS}.")}
        arrays = _part(NETWORK, aside)
        whole, away = structure, {}
        for layer in kept:
            counts = [row["units"][layer] for row in moment.own if "until" in row]
            away[layer] = counts[-1]
            whole = select(whole, layer, np.zeros(len(kept[layer]) + away[layer], np.int64))
        places = _without(replace(whole, arrays=_places(arrays), slots={}), kept).arrays
        slots = {slot: _put(_part(slot, aside), numbers, places) for slot, numbers in structure.slots.items()}
        aside.clear()
        back = replace(whole, arrays=_put(arrays, structure.arrays, places), slots=slots)
        return Change(back, f"{_of(away)} came back", {"units": away})

    def _away(self, count: int) -> int:
        return min(int(self.share * count), count - 1)


def _without(structure: Structure, kept: dict[str, NDArray[np.int64]]) -> Structure:
    for layer, units in kept.items():
        structure = select(structure, layer, units)
    return structure


def _places(arrays: ByName) -> dict[str, Array]:
    """By name an array of the same shape whose numbers are their own places in it."""
    return {name: np.arange(array.size, dtype=np.float64).reshape(array.shape) for name, array in arrays.items()}


def _put(then: ByName, now: ByName, places: ByName) -> dict[str, Array]:
    """The arrays of then with the numbers of now in their places."""
    found = {name: array.copy() for name, array in then.items()}
    for name, array in now.items():
        found[name].ravel()[places[name].ravel().astype(np.int64)] = array.ravel()
    return found


def _named(prefix: str, arrays: ByName) -> dict[str, Array]:
    return {f"{prefix}.{name}": np.array(array) for name, array in arrays.items()}


def _part(prefix: str, arrays: ByName) -> dict[str, Array]:
    start = f"{prefix}."
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}


def _of(away: dict[str, int]) -> str:
    return listed([f"{counted(count, 'unit')} of {layer}" for layer, count in away.items()], 4)
