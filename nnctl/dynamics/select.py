"""Channels of a layer chosen from those that it has: some left out, some several times.

To leave some out is to prune. To have some several times is to widen: where each copy is read with its share of 1, the
network computes what it did (Chen, Goodfellow and Shlens 2016, "Net2Net", section 2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnctl.dynamics.structure import Structure
from nnctl.initializers.values import Values
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array


class ChannelsError(ValueError):
    """Channels cannot be chosen so. The text begins with the layer."""


def even_shares(sources: ArrayLike) -> NDArray[np.float64]:
    """For each of the sources 1 over how often it is there: with these shares the network computes what it did."""
    own = np.asarray(sources)
    shares: NDArray[np.float64] = 1.0 / np.bincount(own)[own]
    return shares


def select(structure: Structure, layer: str, sources: ArrayLike, shares: ArrayLike | None = None) -> Structure:
    """The structure where channel j of a layer is what channel sources[j] was. Raises ChannelsError.

    sources: (M,) numbers of channels. shares: (M,), with which the layer behind reads each; unset, 1. Initial values
    that the config gives number by number are left out where there is another count of them now.

    The gradient of a copy is its share of the original's, since it is read with that; the gradient of the weight that
    reads it is the original's. The optimizer's slots are what gradients like these would have made them.
    """
    channels = structure.channels.get(layer)
    if channels is None:
        raise ChannelsError(f"{layer} makes no channels; those that do: {', '.join(structure.channels)}")
    if channels.bound:
        raise ChannelsError(f"{layer} ({channels.kind}) cannot have other channels: {channels.bound}")
    chosen = np.asarray(sources, np.int64)
    own = np.ones(chosen.shape) if shares is None else np.asarray(shares, np.float64)
    if chosen.ndim != 1 or not chosen.size or own.shape != chosen.shape:
        raise ChannelsError(f"{layer}: expected a row of channels, and of shares as many, got {chosen} and {own}")
    if chosen.min() < 0 or chosen.max() >= channels.count:
        raise ChannelsError(f"{layer}: expected channels from 0 to {channels.count - 1}, got {chosen}")

    def taken(array: Array, axis: int, factors: NDArray[np.float64] | None = None) -> Array:
        """The chosen channels, at each position, along an axis; each times its factor."""
        positions = array.shape[axis] // channels.count
        at = (np.arange(positions)[:, None] * channels.count + chosen).ravel()
        made: Array = np.take(array, at, axis)
        if factors is None:
            return made
        along = [1] * array.ndim
        along[axis] = -1
        made *= np.tile(factors, positions).reshape(along)
        return made

    arrays = {name: taken(structure.arrays[name], -1) for name in channels.arrays}
    arrays[channels.reader] = taken(structure.arrays[channels.reader], -2, own)
    slots = {}
    for slot, numbers in structure.slots.items():
        factors = own ** structure.degrees[slot]
        changed = {name: taken(numbers[name], -1, factors) for name in channels.arrays if name in numbers}
        if channels.reader in numbers:
            changed[channels.reader] = taken(numbers[channels.reader], -2)
        slots[slot] = {**numbers, **changed}
    layers: Any = structure.layers
    for name in channels.way:
        layers = changed_at(layers, name.split(".")[1:], without_values)
    counted = changed_at(layers, layer.split(".")[1:], lambda own: own.model_copy(update={channels.key: chosen.size}))
    return replace(structure, layers=tuple(counted), arrays={**structure.arrays, **arrays}, slots=slots)


def changed_at(inside: Any, path: Sequence[str], change: Callable[[Layer], Layer]) -> Any:
    """A layer, or a list of what holds some, with the layer at a path changed: its name without `layers` in front."""
    if not path:
        return change(inside)
    first, *rest = path
    if isinstance(inside, Layer):
        return inside.model_copy(update={first: changed_at(getattr(inside, first), rest, change)})
    return [changed_at(item, rest, change) if at == int(first) else item for at, item in enumerate(inside)]


def without_values(layer: Layer) -> Layer:
    """The layer without initial values that are given number by number."""
    fields = type(layer).model_fields
    values = [name for name, value in layer if isinstance(value, Values)]
    return layer.model_copy(update={name: fields[name].get_default() for name in values})
