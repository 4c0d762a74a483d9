"""Connections between inputs and outputs as lists: spread evenly, of a dense weight and back, some added or dropped.

Connections are sorted by output, then by input, and none is there twice. `inputs`: (K,) int32, the input of each;
`starts`: (outputs + 1,) int32, where those of each output begin, and K at its end.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnctl.text import counted

Array = NDArray[Any]
Ints = NDArray[np.int32]

MOST = 2**31 - 1  # connections: places in the lists are int32


class Connections(NamedTuple):
    """Which there are, and arrays with a number for each, along their last axis: weights, slots of an optimizer."""

    inputs: Ints
    starts: Ints
    values: tuple[Array, ...] = ()

    @property
    def outputs(self) -> NDArray[np.int64]:
        """(K,), the output of each connection."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def even_starts(out_features: int, connections: int) -> Ints:
    """Of so many connections, as many for each output as for the others, or one more."""
    return (np.arange(out_features + 1) * connections // out_features).astype(np.int32)


def even_inputs(in_features: int, starts: Ints, random: np.random.Generator) -> Ints:
    """Inputs drawn for each output, none twice; each input is used as often as the others, or once more.

    Source of uniform sparse layers: Mocanu et al. 2018, "Scalable training of artificial neural networks with adaptive
    sparse connectivity"; Evci et al. 2020, "Rigging the lottery". They draw each connection by itself; here inputs are
    dealt like cards, the deck shuffled anew whenever it is empty. An output at which it runs out takes no card of the
    new deck that it has already.
    """
    inputs = np.empty(int(starts[-1]), np.int32)
    deck = np.empty(0, np.int64)
    for start, end in pairwise(starts.tolist()):
        own, deck = deck[: end - start], deck[end - start :]
        missing = end - start - len(own)
        if missing:
            new = random.permutation(in_features)
            others = np.flatnonzero(~np.isin(new, own))[:missing]
            own, deck = np.concatenate([own, new[others]]), np.delete(new, others)
        inputs[start:end] = np.sort(own)
    return inputs


def from_dense(mask: NDArray[np.bool_], *values: Array) -> Connections:
    """Those that a mask (in, out) has, with what arrays (..., in, out), such as a dense weight, hold there."""
    outputs, inputs = np.nonzero(mask.T)
    starts = np.searchsorted(outputs, np.arange(mask.shape[1] + 1)).astype(np.int32)
    return Connections(inputs.astype(np.int32), starts, tuple(array[..., inputs, outputs] for array in values))


def to_dense(connections: Connections, in_features: int) -> tuple[NDArray[np.bool_], *tuple[Array, ...]]:
    """The mask (in, out), and the values as arrays (..., in, out), 0 where there is no connection."""
    shape = in_features, len(connections.starts) - 1
    places = connections.inputs, connections.outputs
    mask = np.zeros(shape, np.bool_)
    mask[places] = True
    dense = [np.zeros((*array.shape[:-1], *shape), array.dtype) for array in connections.values]
    for array, values in zip(dense, connections.values, strict=True):
        array[(..., *places)] = values
    return mask, *dense


def added(connections: Connections, inputs: Array, outputs: Array, in_features: int) -> Connections:
    """With further ones, in any order, whose values are 0. inputs, outputs: (M,).

    Raises ValueError where one is there already, is named twice, or is beyond the inputs or outputs.
    """
    out_features = len(connections.starts) - 1
    for name, numbers, most in (("input", inputs, in_features), ("output", outputs, out_features)):
        if len(numbers) and not (numbers.min() >= 0 and numbers.max() < most):
            raise ValueError(f"a new connection has an {name} that is none of {counted(most, name)}")
    old = connections.outputs * in_features + connections.inputs
    new = np.asarray(outputs, np.int64) * in_features + inputs
    keys = np.concatenate([old, new])
    order = np.argsort(keys, kind="stable")
    if (np.diff(keys[order]) == 0).any():
        raise ValueError("some of the new connections are there already, or are named twice")

    def merged(array: Array) -> Array:
        zeros = np.zeros((*array.shape[:-1], len(new)), array.dtype)
        return np.concatenate([array, zeros], axis=-1)[..., order]

    return _of(keys[order], in_features, out_features, tuple(merged(array) for array in connections.values))


def dropped(connections: Connections, keep: NDArray[np.bool_]) -> Connections:
    """Without those at which `keep`, (K,), is False."""
    starts = np.concatenate([[0], np.cumsum(keep)])[connections.starts]
    values = tuple(array[..., keep] for array in connections.values)
    return Connections(connections.inputs[keep], starts.astype(np.int32), values)


def _of(keys: Array, in_features: int, out_features: int, values: tuple[Array, ...]) -> Connections:
    """keys: output x in_features + input of each, sorted."""
    starts = np.searchsorted(keys, np.arange(out_features + 1) * in_features)
    return Connections((keys % in_features).astype(np.int32), starts.astype(np.int32), values)
