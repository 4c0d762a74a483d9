"""Channels added to a layer that begin as those of a new network do, and that nothing reads yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nnctl.dynamics.insert import first_slot, initial
from nnctl.dynamics.select import select
from nnctl.dynamics.structure import Structure
from nnctl.layers.operation import Array


def with_new_channels(structure: Structure, layer: str, more: int, generator: np.random.Generator) -> Structure:
    """The structure with `more` new channels behind those of a layer; the network computes what it did.

    What makes them is as initializers make it, what reads them is 0, and the optimizer's slots of both are as
    `first_slot` says. Raises ChannelsError.
    """
    count = structure.channels[layer].count
    sources = np.concatenate([np.arange(count), np.zeros(more, np.int64)])
    shares = np.concatenate([np.ones(count), np.zeros(more)])
    wider = select(structure, layer, sources, shares)
    own = wider.channels[layer]
    arrays: dict[str, Array] = {}
    for spec in wider.plan.chain.arrays:
        if spec.name in own.arrays:
            fresh = initial(spec, generator).astype(structure.arrays[spec.name].dtype)
            arrays[spec.name] = put(wider.arrays[spec.name], fresh, count, own.count)
    axes = dict.fromkeys(own.arrays, -1) | {own.reader: -2}
    slots = {}
    for slot, numbers in wider.slots.items():
        first = first_slot(structure.slots[slot], structure.degrees[slot])
        slots[slot] = {
            name: put(array, first, count, own.count, axes[name]) if name in axes else array
            for name, array in numbers.items()
        }
    return replace(wider, arrays={**wider.arrays, **arrays}, slots=slots)


def put(array: Array, values: Array | float, first: int, count: int, axis: int = -1) -> Array:
    """A copy with the values, of its shape or one number, in the channels from `first` on, at each position.

    count: channels at each position along the axis.
    """
    found = array.copy()
    found_last, values_last = np.moveaxis(found, axis, -1), np.moveaxis(np.broadcast_to(values, array.shape), axis, -1)
    at = is_new(array.shape[axis], first, count)
    found_last[..., at] = values_last[..., at]
    return found


def is_new(length: int, first: int, count: int) -> NDArray[np.bool_]:
    """Along an axis of this length, which belong to the channels from `first` on of `count` at each position."""
    new: NDArray[np.bool_] = np.arange(length) % count >= first
    return new
