"""The layers of a network that have weights, and whether weights of one fit another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nnctl.initializers.initializer import Initializer
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Shape
from nnctl.layers.regularization import WeightedLayer as Regularized
from nnctl.model.plan import ACTIVATION, NetworkPlan, PlannedLayer
from nnctl.spec import Spec
from nnctl.text import by


@dataclass(frozen=True)
class WeightedLayer:
    """A layer of the config that has weights itself, with its activation. name: its path; kind: its type.

    shapes: of what a checkpoint keeps of it, by the names within the layer: `weight`, `activation.slope`. kinds: of it
    and of its activation, where they have weights. outputs: of it. settings: what it makes of its weights. most: of
    arrays that hold places in others, by name, the largest number.
    """

    name: str
    kind: str
    kinds: tuple[str, ...]
    shapes: Mapping[str, Shape]
    outputs: Shape
    is_frozen: bool
    settings: Mapping[str, Any]
    most: Mapping[str, int] = field(default_factory=dict)

    def misfit(self, other: WeightedLayer | None) -> str:
        """Why weights of another one are not for this one, in a few words; nothing where they fit."""
        if other is None:
            return "not there"
        if self.kinds != other.kinds:
            return f"{' with '.join(other.kinds)} there"
        if self.shapes.keys() != other.shapes.keys():
            return f"{', '.join(self.shapes)} here, {', '.join(other.shapes)} there"
        unlike = [name for name, shape in self.shapes.items() if shape != other.shapes[name]]
        if not unlike:
            further = [name for name, most in self.most.items() if most != other.most[name]]
            return f"{further[0]} are up to {other.most[further[0]]} there" if further else ""
        if self.outputs[-1:] != other.outputs[-1:]:
            return f"{other.outputs[-1]:,} -> {self.outputs[-1]:,} outputs"
        name = unlike[0]
        return f"{name} is {by(self.shapes[name])}, {by(other.shapes[name])} there"

    def differences(self, other: WeightedLayer) -> str:
        """Settings of one that it fits and that makes something else of the same weights: `stride is 2, 1 there`."""
        return ", ".join(
            f"{key} is {_shown(value)}, {_shown(other.settings[key])} there"
            for key, value in self.settings.items()
            if key in other.settings and _shown(value) != _shown(other.settings[key])
        )


def weighted_layers(plan: NetworkPlan) -> dict[str, WeightedLayer]:
    """By name, in the order of the config; a table's vectors of categories are the layer `data`."""
    by_name: dict[str, list[PlannedLayer]] = {}
    for layer in plan.layers:
        if not layer.operation.chains and any(spec.is_kept for spec in layer.operation.arrays):
            by_name.setdefault(layer.name.removesuffix(ACTIVATION), []).append(layer)
    return {name: _weighted_layer(name, parts) for name, parts in by_name.items()}


def in_order(layers: Mapping[str, WeightedLayer], others: Mapping[str, WeightedLayer]) -> dict[str, str]:
    """By a layer the other one that it fits, where names have moved: each the next one behind the one before."""
    left, found = list(others.values()), {}
    for name, layer in layers.items():
        at = next((at for at, other in enumerate(left) if not layer.misfit(other)), None)
        if at is not None:
            found[name] = left[at].name
            del left[: at + 1]
    return found


def inside(name: str, layers: Sequence[str]) -> Iterator[str]:
    """Those of the layers that have this name, or are inside the layer that has it."""
    return (layer for layer in layers if layer == name or layer.startswith(f"{name}."))


def _weighted_layer(name: str, parts: list[PlannedLayer]) -> WeightedLayer:
    kept = {
        f"{part.name.removeprefix(name)}.{spec.name}".removeprefix("."): spec
        for part in parts
        for spec in part.operation.arrays
        if spec.is_kept
    }
    shapes = {own: spec.shape for own, spec in kept.items()}
    most = {own: spec.most for own, spec in kept.items() if spec.most is not None}
    kinds = tuple(part.kind for part in parts)
    outputs, settings = parts[0].operation.outputs, _settings(parts[0].layer)
    return WeightedLayer(name, kinds[0], kinds, shapes, outputs, parts[0].is_frozen, settings, most)


def _settings(layer: Layer) -> dict[str, Any]:
    """Those that say what it computes, not how it is trained or starts."""
    return {
        key: value
        for key, value in layer
        if key not in Regularized.model_fields and not isinstance(value, Initializer | None)
    }


def _shown(value: Any) -> str:
    return str(getattr(value, value.tag)) if isinstance(value, Spec) else str(value)
