"""A layer put in among those of a network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from nnctl.dynamics.structure import ByName, Structure
from nnctl.layers.default_weight import with_default_weights
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, ArraySpec

V = TypeVar("V")


def insert(
    structure: Structure, position: int, layer: Layer, arrays: ByName, generator: np.random.Generator
) -> Structure:
    """The structure with a layer put in, which is layers.<position> then; those behind it move on by one.

    arrays: of the new layer, by their names within it, such as `weight`; others are as initializers make them. The
    optimizer's slots of the new parameters are as `first_slot` says.
    """
    (filled,) = with_default_weights([layer])
    layers = (*structure.layers[:position], filled, *structure.layers[position:])
    moved = replace(structure, layers=layers, arrays=_moved(structure.arrays.items(), position), slots={})
    own, dtype = f"layers.{position}.", next(iter(structure.arrays.values())).dtype
    new: dict[str, Array] = {}
    for spec in moved.plan.chain.arrays:
        if spec.is_kept and spec.name.startswith(own):
            given = arrays.get(spec.name.removeprefix(own))
            new[spec.name] = np.asarray(initial(spec, generator) if given is None else given).astype(dtype)
    trained = {spec.name: spec.shape for spec in moved.plan.chain.arrays if spec.role == "parameter"}
    slots = {
        slot: _moved(numbers.items(), position)
        | {
            name: np.full(trained[name], first_slot(numbers, structure.degrees[slot]), dtype)
            for name in new
            if name in trained
        }
        for slot, numbers in structure.slots.items()
    }
    return replace(moved, arrays={**moved.arrays, **new}, slots=slots)


def first_slot(numbers: ByName, degree: int) -> float:
    """What an optimizer's slot has of a parameter that is new, where it has these numbers of others.

    0 where it keeps gradients. Where it keeps their squares, the median over all parameters: with 0 the first steps
    would be too large, as an optimizer corrects for slots that begin with 0 in the first steps of a run alone.
    """
    if degree < 2 or not numbers:
        return 0.0
    return float(np.median(np.concatenate([array.ravel() for array in numbers.values()])))


def initial(spec: ArraySpec, generator: np.random.Generator) -> Array:
    """How an array of a new layer begins, float64."""
    if spec.initializer is None:
        return np.zeros(spec.shape)
    return np.asarray(spec.initializer.fill(spec.shape, *spec.fans, generator), np.float64)


def _moved(named: Iterable[tuple[str, V]], position: int) -> dict[str, V]:
    """The names of the arrays of layers from a position on, which is one more now."""

    def one(name: str) -> str:
        first, at, *rest = name.split(".")
        return ".".join((first, str(int(at) + 1), *rest)) if first == "layers" and int(at) >= position else name

    return {one(name): value for name, value in named}
