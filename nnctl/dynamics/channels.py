"""The channels of a network's layers: what depends on how many there are, and which of them can be chosen anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nnctl.kernels.device import Device
from nnctl.layers.chain import Chain, Link
from nnctl.layers.embed_columns import EmbedColumns
from nnctl.layers.parallel import Parallel
from nnctl.layers.repeat import Repeat
from nnctl.layers.residual import Residual
from nnctl.model.plan import NetworkPlan


@dataclass(frozen=True)
class Channels:
    """The output channels of a layer, which `key` of its config counts.

    arrays: the layer's own and those of the layers that they pass on their way, by name: each has a number a channel
    along its last axis, over again for each position where a flatten has put channels side by side. weight: the layer's
    own among them. reader: the weight behind them, with a row a channel along its last axis but one. way: the layers
    that own all of these. bound: why channels can be neither left out nor added, empty where they can; then there is no
    reader.
    """

    layer: str
    kind: str
    key: str
    count: int
    weight: str
    arrays: tuple[str, ...] = ()
    reader: str = ""
    way: tuple[str, ...] = ()
    bound: str = ""


def channels_of(plan: NetworkPlan) -> dict[str, Channels]:
    """By its name each layer that makes channels, in the order of the config."""
    last = "its outputs are the network's"
    return {channels.layer: channels for channels in _of_chain(plan.chain, "", last, plan.device)}


def inputs_of(plan: NetworkPlan) -> Channels:
    """What the network's layers read as if a layer had made it: its inputs, embedded where they are slot numbers."""
    first, *behind = plan.chain.links
    if isinstance(first.layer, EmbedColumns):
        made = Channels("inputs", first.layer.kind, "", first.operation.outputs[-1], "")
    else:
        made, behind = Channels("inputs", "inputs", "", plan.inputs[-1], ""), [first, *behind]
    return _read(made, behind, "", "nothing reads them", plan.device)


def _of_chain(chain: Chain, prefix: str, at_the_end: str, device: Device, repeated: str = "") -> Iterator[Channels]:
    """at_the_end: why channels that nothing in the chain reads are bound. repeated: why all are."""
    for position, link in enumerate(chain.links):
        name = f"{prefix}{link.name}"
        if link.layer.makes_channels:
            yield _followed(chain.links[position:], prefix, at_the_end, device, repeated)
        within = f"{name} repeats it with the same settings" if isinstance(link.layer, Repeat) else repeated
        for inner in link.operation.chains:
            assert isinstance(inner, Chain)
            yield from _of_chain(inner, f"{name}.", f"its outputs are {_joined(link, name)}", device, within)


def _joined(link: Link, name: str) -> str:
    """What becomes of the outputs of the layers inside a layer."""
    if isinstance(link.layer, Residual):
        return f"added to the shortcut of {name}"
    return f"joined by {name}" if isinstance(link.layer, Parallel) else f"those of {name}"


def _followed(links: tuple[Link, ...], prefix: str, at_the_end: str, device: Device, bound: str) -> Channels:
    """The channels that the first of the links makes."""
    first, *behind = links
    name, outputs = f"{prefix}{first.name}", first.operation.outputs
    made = Channels(name, first.layer.kind, first.layer.makes_channels, outputs[-1], f"{name}.weight")
    if bound or not _mixes_all(first):
        return replace(made, bound=bound or "it makes them in groups")
    own = tuple(f"{name}.{spec.name}" for spec in first.operation.arrays if spec.is_kept)
    return _read(replace(made, arrays=own, way=(name,)), behind, prefix, at_the_end, device)


def _read(made: Channels, behind: Sequence[Link], prefix: str, at_the_end: str, device: Device) -> Channels:
    """Channels with what passes them on, and the weight that reads them."""
    arrays, way = list(made.arrays), list(made.way)
    for link in behind:
        own = f"{prefix}{link.name}"
        if link.layer.makes_channels and _mixes_all(link):
            return replace(made, arrays=tuple(arrays), reader=f"{own}.weight", way=(*way, own))
        if why := _refusal(link):
            return replace(made, arrays=(), way=(), bound=f"{own} ({link.layer.kind}) {why}")
        if of_link := _arrays_by_channel(link, device):
            arrays += [f"{own}.{array}" for array in of_link]
            way.append(own)
    return replace(made, arrays=(), way=(), bound=at_the_end)


def _mixes_all(link: Link) -> bool:
    """Whether each output is a sum over all channels of the inputs, not over those of a group."""
    (weight,) = (spec.shape for spec in link.operation.arrays if spec.name == "weight")
    return weight[-2:] == (link.inputs[-1], link.operation.outputs[-1])


def _refusal(link: Link) -> str:
    """Why channels cannot pass a layer, nothing where they can."""
    layer, outputs = link.layer, link.operation.outputs
    if layer.makes_channels:
        return "reads them in groups"
    if not layer.keeps_channels:
        return "reads them, and depends on which there are"
    if outputs[-1] != link.inputs[-1] and not link.operation.is_view:
        return "makes several of each"
    return ""


def _arrays_by_channel(link: Link, device: Device) -> list[str]:
    """Those of a layer that are longer where there is one channel more."""
    more = link.layer.plan((*link.inputs[:-1], link.inputs[-1] + 1), device)
    shapes = {spec.name: spec.shape for spec in more.arrays}
    return [spec.name for spec in link.operation.arrays if spec.is_kept and spec.shape != shapes[spec.name]]
