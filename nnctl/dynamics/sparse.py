"""Layers whose connections can be chosen: those of each as a list, and the layer with other ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nnctl.dynamics.select import changed_at
from nnctl.dynamics.structure import Structure
from nnctl.initializers.orthogonal import Orthogonal
from nnctl.initializers.values import Values
from nnctl.layers.connections import Connections, from_dense, to_dense
from nnctl.layers.layer import Layer
from nnctl.layers.linear import Linear
from nnctl.layers.operation import Array
from nnctl.layers.repeat import Repeat
from nnctl.layers.sparse_linear import SparseLinear
from nnctl.model.plan import NetworkPlan, PlannedLayer

LISTS = ("inputs", "starts")  # what a layer with few connections keeps beside its weight


def layers_with_choice(plan: NetworkPlan) -> dict[str, PlannedLayer]:
    """By name the `linear` and `sparse_linear` layers whose connections can be chosen, in the order of the config.

    Those that a layer makes itself, such as the projection of a `residual`, and those that `repeat` writes several
    times with the same settings are none of them.
    """
    repeats = tuple(f"{layer.name}." for layer in plan.layers if isinstance(layer.layer, Repeat))
    return {
        layer.name: layer
        for layer in plan.layers
        if isinstance(layer.layer, Linear | SparseLinear)
        and layer.name.rpartition(".")[2].isdigit()
        and not layer.name.startswith(repeats)
    }


def connections_of(structure: Structure, layer: str) -> Connections:
    """Those of a layer, all of them where it is `linear`; their values are the weight, then its numbers in each slot.

    A slot that has none, as of a frozen layer, is left out.
    """
    name = f"{layer}.weight"
    values = [numbers[name] for numbers in (structure.arrays, *structure.slots.values()) if name in numbers]
    if is_list(structure, layer):
        inputs, starts = (structure.arrays[f"{layer}.{own}"] for own in LISTS)
        return Connections(inputs, starts, tuple(values))
    return from_dense(np.ones(values[0].shape, np.bool_), *values)


def is_list(structure: Structure, layer: str) -> bool:
    """Whether a layer is a `sparse_linear` one."""
    return f"{layer}.{LISTS[0]}" in structure.arrays


def with_connections(structure: Structure, layer: str, connections: Connections) -> Structure:
    """The structure where a layer is a `sparse_linear` one with these connections, of values as `connections_of` gives.

    Its other settings stay; an initial weight that only the layer as it was can have is left out.
    """
    name, values = f"{layer}.weight", iter(connections.values)
    weight = next(values)
    lists = dict(zip((f"{layer}.{own}" for own in LISTS), connections[:2], strict=True))
    slots = {
        slot: {**numbers, name: next(values)} if name in numbers else numbers
        for slot, numbers in structure.slots.items()
    }
    arrays = {**structure.arrays, name: weight, **lists}

    def sparse(own: Layer) -> Layer:
        settings = _settings(own)
        if isinstance(settings["weight"], Values | Orthogonal):
            settings["weight"] = None
        return SparseLinear(**settings | {"connections": len(weight)})

    return replace(structure, layers=_changed(structure, layer, sparse), arrays=arrays, slots=slots)


def as_dense(structure: Structure, layer: str, in_features: int) -> Structure:
    """The structure where a layer is a `linear` one of the same weights, 0 where it has no connection; without slots.

    in_features: of the layer.
    """
    connections = connections_of(structure, layer)
    _, *values = to_dense(connections._replace(values=connections.values[:1]), in_features)
    lists = {f"{layer}.{own}" for own in LISTS}
    arrays = {name: array for name, array in structure.arrays.items() if name not in lists}
    arrays[f"{layer}.weight"] = values[0]

    def dense(own: Layer) -> Layer:
        return Linear(**_settings(own) | {"weight": None})

    return replace(structure, layers=_changed(structure, layer, dense), arrays=arrays, slots={}, degrees={})


def listed_alike(array: Array, structure: Structure, layer: str) -> Array:
    """Numbers in the shape of a layer's weight, such as its gradient, in the order of `connections_of`."""
    return array if is_list(structure, layer) else array.T.ravel()


def _settings(layer: Layer) -> dict[str, Any]:
    """What `linear` and `sparse_linear` have in common."""
    return {key: getattr(layer, key) for key in Linear.model_fields if key != layer.tag}


def _changed(structure: Structure, layer: str, change: Any) -> tuple[Layer, ...]:
    return tuple(changed_at(structure.layers, layer.split(".")[1:], change))
