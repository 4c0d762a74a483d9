"""A further layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
from pydantic import Field

from nnctl.config.rule import Mistake
from nnctl.dynamics.insert import insert
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import Change, NetworkRule, unknown_layer
from nnctl.dynamics.structure import Structure
from nnctl.initializers.zeros import Zeros
from nnctl.layers.activation import Activation
from nnctl.layers.chain import Link
from nnctl.layers.conv1d import Conv1D
from nnctl.layers.conv2d import Conv2D
from nnctl.layers.freezable import Freezable
from nnctl.layers.layer import Layer
from nnctl.layers.linear import Linear
from nnctl.layers.operation import Array, Shape
from nnctl.layers.relu import ReLU
from nnctl.layers.residual import Residual
from nnctl.layers.window import pair
from nnctl.model.plan import NetworkPlan
from nnctl.text import counted

# what makes nothing negative of what is not
KEEP_SIGNS = (
    *("flatten", "reshape", "permute", "dropout", "spatial_dropout"),
    *("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d", "global_max_pool", "global_avg_pool"),
)


class Deepen(NetworkRule):
    """The network gets a layer behind one that it has, and computes what it did.

    `identity`: the new layer begins as the identity, followed by relu, which changes nothing of what relu made: Chen,
    Goodfellow and Shlens 2016, "Net2Net", section 2.3. `residual`: two layers with a shortcut around them, of which the
    second begins with weights of 0: Goyal et al. 2017, "Accurate, large minibatch SGD", section 5.1, and Zhang et al.
    2019, "Fixup initialization". The new layer is a linear one, or a convolution between convolutions, as wide as what
    it reads.
    """

    type: Literal["deepen"] = "deepen"
    after: str
    """The path of the layer that it is put behind, such as layers.0."""
    kind: Literal["identity", "residual"] | None = None
    """How the function is kept; unset, identity behind relu, and residual elsewhere."""
    limit: int = Field(default=1, ge=1, le=100)
    """The most layers that the rule puts in, one each time."""
    kernel_size: int = Field(default=3, ge=1, le=31)
    """Of convolutions; an odd number, so that a window has a middle."""

    def problems(self, plan: NetworkPlan) -> Iterator[Mistake]:
        found = _behind(plan, self.after)
        names = _own_layers(plan)
        if found is None:
            yield ("after",), *unknown_layer(self.after, names[:-1], "can get one behind it")
            return
        if self.kernel_size % 2 == 0:
            yield ("kernel_size",), f"is {self.kernel_size}, and its windows have no middle", "use an odd number"
        if self.after == names[-1]:
            what = f"is {self.after}, whose outputs are the network's"
            yield ("after",), what, f"use {names[-2]}" if len(names) > 1 else "remove the rule"
        elif len(found.operation.outputs) > 3:
            what = f"is {self.after}, and no layer is known that keeps its outputs, which have four axes or more"
            yield ("after",), what, "put it behind another layer"
        elif self.kind == "identity" and not _makes_relu(plan, self.after):
            what = f"is identity, and what {self.after} gives is not that of relu: a relu behind it would change it"
            yield ("kind",), what, "use `kind: residual`"

    def in_words(self, plan: NetworkPlan) -> str:
        how = "an identity layer" if self._kind(plan, self.after) == "identity" else "a residual block"
        times = "" if self.limit == 1 else f", {self.limit} in all"
        return f"put {how} behind {self.after}{times}"

    def change(self, structure: Structure, moment: Moment) -> Change | None:
        if len(moment.own) >= self.limit:
            return None
        after = moment.path(self.after)
        position, plan = int(after.split(".")[1]) + 1, structure.plan
        kind, made = self._kind(plan, after), self._maker(plan, after)
        arrays: dict[str, Array] = {}
        layer: Layer
        if kind == "identity":
            same = made(activation=ReLU())
            layer, arrays = same, {"weight": _identity(same, _shape(plan, after)[-1])}
        else:
            layer = Residual(layers=[made(activation=_activation(plan, after)), made(weight=Zeros())])
        deeper = insert(structure, position, layer, arrays, moment.generator("new layer"))
        name = f"layers.{position}"
        what = "an identity layer" if kind == "identity" else "a residual block"
        words = f"{what} was put in as {name}, behind {after}: {counted(len(deeper.layers), 'layer')}"
        return Change(deeper, words, {"layer": name, "kind": kind}, inserted=name)

    def _kind(self, plan: NetworkPlan, after: str) -> str:
        return self.kind or ("identity" if _makes_relu(plan, after) else "residual")

    def _maker(self, plan: NetworkPlan, after: str) -> Callable[..., Linear | Conv1D | Conv2D]:
        """Makes the layer that keeps the shape of a layer's outputs, from further settings."""
        shape = _shape(plan, after)
        own: dict[str, Any] = {"kernel_size": self.kernel_size, "padding": "same"}
        if len(shape) == 3:
            return lambda **others: Conv2D(out_channels=shape[-1], **own, **others)
        if len(shape) == 2 and _last_maker(plan, after) == "conv1d":
            return lambda **others: Conv1D(out_channels=shape[-1], **own, **others)
        return lambda **others: Linear(out_features=shape[-1], **others)


def _own_layers(plan: NetworkPlan) -> list[str]:
    """The paths of the config's own layers, without those inside them."""
    return [link.name for link in plan.chain.links if link.name.startswith("layers.") and link.name.count(".") == 1]


def _links_of(plan: NetworkPlan, layer: str) -> list[Link]:
    """All links up to the last one of a layer, its activation included, from there to the first."""
    names = [".".join(link.name.split(".")[:2]) for link in plan.chain.links]
    last = max((at for at, name in enumerate(names) if name == layer), default=-1)
    return list(reversed(plan.chain.links[: last + 1]))


def _behind(plan: NetworkPlan, layer: str) -> Link | None:
    """The link whose outputs are those of a layer; None where there is no such layer."""
    return next(iter(_links_of(plan, layer)), None) if layer in _own_layers(plan) else None


def _shape(plan: NetworkPlan, layer: str) -> Shape:
    return _links_of(plan, layer)[0].operation.outputs


def _makes_relu(plan: NetworkPlan, layer: str) -> bool:
    """Whether its outputs are those of relu, or are chosen from or made of such as are not negative."""
    for link in _links_of(plan, layer):
        if isinstance(link.layer, ReLU):
            return True
        if link.layer.kind not in KEEP_SIGNS and not link.name.endswith(".activity"):
            return False
    return False


def _activation(plan: NetworkPlan, layer: str) -> Activation:
    """The last one up to a layer's outputs, with its settings; relu where there is none, or one that would not do."""
    found = (link.layer for link in _links_of(plan, layer) if isinstance(link.layer, Activation))
    last = next(found, None)
    return ReLU() if last is None or isinstance(last, Freezable) or last.kind in ("softmax", "step") else last


def _last_maker(plan: NetworkPlan, layer: str) -> str:
    """The kind of the last layer up to this one that makes channels."""
    return next((link.layer.kind for link in _links_of(plan, layer) if link.layer.makes_channels), "")


def _identity(layer: Linear | Conv1D | Conv2D, channels: int) -> Array:
    """The weight with which a layer gives its inputs, where it has padding as `same` has it."""
    middle = np.eye(channels)
    if isinstance(layer, Linear):
        return middle
    sizes = (layer.kernel_size,) if isinstance(layer, Conv1D) else pair(layer.kernel_size)
    weight = np.zeros((*sizes, channels, channels))
    weight[tuple(size // 2 for size in sizes)] = middle
    return weight
