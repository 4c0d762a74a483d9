"""The columns that a network reads: how much each matters, and the network that reads some of them alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.source import Preprocessing
from nnctl.dynamics.channels import inputs_of
from nnctl.dynamics.select import changed_at, without_values
from nnctl.dynamics.structure import Structure

INPUTS = "inputs"  # what stands for a layer's name where channels are the network's inputs


def positions_of(preprocessing: Preprocessing) -> dict[str, NDArray[np.int64]]:
    """By column, where its numbers stand among the channels that the first layer reads: of words their vectors."""
    embeddings = {embedding.name: embedding.size for embedding in preprocessing.embeddings}
    end = preprocessing.shape[-1] - len(embeddings)
    found = {}
    for name, (first, last) in preprocessing.input_ranges.items():
        if name in embeddings:
            first, last = end, end + embeddings[name]
            end = last
        found[name] = np.arange(first, last)
    return found


def groups_of(positions: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """For each channel the number of its column, (C,)."""
    groups = np.zeros(sum(map(len, positions.values())), np.int64)
    for number, own in enumerate(positions.values()):
        groups[own] = number
    return groups


def select_columns(structure: Structure, before: Preprocessing, after: Preprocessing) -> Structure:
    """The network that reads the columns of `after` alone, which are some of those of `before`, in their order.

    It computes what the other does where what is left out is 0 behind the embedding and the norms in front of the first
    weight. Raises ValueError where a column makes other numbers of its cells than it did.
    """
    channels = inputs_of(structure.plan)
    then, now = positions_of(before), positions_of(after)
    other = [name for name, own in now.items() if len(own) != len(then.get(name, ()))]
    if other or channels.bound:
        raise ValueError(channels.bound or f"{', '.join(other)}: not the numbers that the network was trained on")
    chosen = np.concatenate([then[name] for name in sorted(now, key=lambda name: int(now[name][0]))])
    arrays: dict[str, Any] = {}
    gone = {f"data.{embedding.name}" for embedding in before.embeddings if embedding.name not in now}
    for name, array in structure.arrays.items():
        axis = {channels.reader: -2}.get(name, -1 if name in channels.arrays else None)
        if axis is not None:
            count = array.shape[axis] // channels.count
            at = (np.arange(count)[:, None] * channels.count + chosen).ravel()
            arrays[name] = np.take(array, at, axis)
        elif name not in gone:
            arrays[name] = array
    layers: Any = structure.layers
    for name in channels.way:
        layers = changed_at(layers, name.split(".")[1:], without_values)
    return replace(
        structure, layers=tuple(layers), inputs=after.shape, arrays=arrays, embeddings=tuple(after.embeddings)
    )
