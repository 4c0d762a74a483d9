"""New connections of a layer that has few."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.config.rule import Mistake
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import Change, NetworkRule, unknown_layer
from nnctl.dynamics.sparse import as_dense, connections_of, layers_with_choice, with_connections
from nnctl.dynamics.structure import Structure
from nnctl.layers.connections import MOST, added, dropped, to_dense
from nnctl.layers.sparse_linear import SparseLinear
from nnctl.model.plan import NetworkPlan, PlannedLayer
from nnctl.text import counted


class Connect(NetworkRule):
    """A `sparse_linear` layer gets new connections, those that the loss asks for most.

    Of all that it lacks these are the ones with the largest gradients, as a mean over batches of training samples in
    evaluation; where the gradient is 0 none comes. Their weights and the optimizer's slots begin at 0, so that the
    network computes what it did. With `drop` some go in exchange, and it computes something else. Source: Evci et al.
    2020, "Rigging the lottery", algorithm 1, where the share that goes falls while the network is trained, and those
    that went may come back at once; here they may at the next moment.
    """

    type: Literal["connect"] = "connect"
    layer: str
    """The path of the layer, such as layers.0."""
    by: int = Field(default=0, ge=0, le=MOST)
    """How many connections more it has each time."""
    limit: int | None = Field(default=None, ge=1, le=MOST)
    """With `by`: the most connections it has in the end; unset, inputs x outputs."""
    drop: float = Field(default=0.0, ge=0.0, lt=1.0)
    """The share of its connections that go first, those of the smallest weights; as many new ones come beside `by`."""

    @property
    def needs_channels(self) -> bool:
        return False

    def problems(self, plan: NetworkPlan) -> Iterator[Mistake]:
        layers = layers_with_choice(plan)
        sparse = [name for name, own in layers.items() if isinstance(own.layer, SparseLinear)]
        if self.layer not in sparse:
            if self.layer in layers:
                what = f"is {self.layer}, and a `linear` layer has all connections from the beginning"
                others = f", or use {' or '.join(sparse)}" if sparse else ""
                yield ("layer",), what, f"make it a `sparse_linear` layer{others}"
            else:
                yield ("layer",), *unknown_layer(self.layer, sparse, "is `sparse_linear` and can get new connections")
        elif layers[self.layer].is_frozen:
            what = f"is {self.layer}, which is frozen: weights of new connections would stay 0"
            yield ("layer",), what, "remove its `freeze`, or the rule"
        else:
            yield from self._of_numbers(layers[self.layer])

    def _of_numbers(self, layer: PlannedLayer) -> Iterator[Mistake]:
        count, most = _connections(layer), layer.inputs[-1] * layer.operation.outputs[-1]
        if not self.by and not self.drop:
            yield ("by",), "is 0, and so is `drop`: no connection is new", "set one of them, such as drop=0.3"
        elif not self.by and self.limit is not None:
            yield ("limit",), "is set, and `by` is 0: there are never more connections", "leave it out, or set `by`"
        elif count == most:
            what = f"is {self.layer}, which has all {most:,} connections from the beginning"
            yield ("layer",), what, f"set {self.layer}.connections to fewer"
        elif self.limit is not None and self.limit <= count:
            what = f"is {self.limit:,}, and {self.layer} begins with {counted(count, 'connection')}"
            yield ("limit",), what, f"set it to {min(count + self.by, most)} or more"
        elif self.limit is not None and self.limit > most:
            what = f"is {self.limit:,}, and {self.layer} can have {counted(most, 'connection')}"
            yield ("limit",), what, f"set it to {most} or fewer"
        elif not self.by and not int(self.drop * count):
            what = f"is {self.drop:g}, and that is not one of {counted(count, 'connection')}"
            yield ("drop",), what, "make it larger"

    def in_words(self, plan: NetworkPlan) -> str:
        layer = layers_with_choice(plan)[self.layer]
        count, most = _connections(layer), layer.inputs[-1] * layer.operation.outputs[-1]
        grow = f"add {counted(self.by, 'connection')} to {self.layer}, from {count:,} up to {self.limit or most:,}"
        share = f"{self.drop:.0%} of the {count:,} connections of {self.layer}"
        if not self.by:
            return f"drop {share}, those of the smallest weights, for as many of the largest gradients"
        swap = f", and drop {self.drop:.0%}, those of the smallest weights, for others" if self.drop else ""
        return f"{grow}, those of the largest gradients{swap}"

    def change(self, structure: Structure, moment: Moment) -> Change | None:
        layer = moment.path(self.layer)
        in_features = layers_with_choice(structure.plan)[layer].inputs[-1]
        before = connections_of(structure, layer)
        count = len(before.inputs)
        gradient = moment.gradients(as_dense(structure, layer, in_features))[f"{layer}.weight"]
        new = _by_gradient(gradient, to_dense(before._replace(values=()), in_features)[0])
        goes = min(int(self.drop * count), len(new))
        more = self.by if self.limit is None else max(0, min(self.by, self.limit - count))
        new = new[: goes + more]
        if not len(new):
            return None
        stay = np.ones(count, np.bool_)
        stay[np.argsort(np.abs(before.values[0]), kind="stable")[:goes]] = False
        after = added(dropped(before, stay), new % in_features, new // in_features, in_features)
        words = f"{layer} got {counted(len(new), 'new connection')}"
        if goes:
            words += f" and lost {goes:,} with the smallest weights"
        facts = {"layer": layer, "connections": [count, len(after.inputs)], "dropped": goes, "new": len(new)}
        return Change(with_connections(structure, layer, after), words, facts)


def _by_gradient(gradient: NDArray[np.float64], present: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The connections that are not present and have a gradient, the largest first, as output x in_features + input.

    gradient, present: (in, out). Of equal ones that of the earlier output comes first, then that of the earlier input.
    """
    sizes = np.abs(np.where(present, 0.0, gradient)).T.ravel()
    places = np.flatnonzero(sizes)
    ordered: NDArray[np.int64] = places[np.argsort(-sizes[places], kind="stable")]
    return ordered


def _connections(layer: PlannedLayer) -> int:
    assert isinstance(layer.layer, SparseLinear)
    return layer.layer.connections
