"""How a weight starts where the config does not say: as it is usual for the activation that follows."""

from __future__ import annotations

from collections.abc import Sequence

from nnctl.initializers.initializer import Initializer
from nnctl.layers.activation import Activation
from nnctl.layers.layer import Layer
from nnctl.spec import kind_named


def with_default_weights(layers: Sequence[Layer], after: Layer | None = None) -> list[Layer]:
    """The layers with every unset `weight` filled in, by their own activation or the layer right behind them.

    after: the layer behind the last one.
    """
    following: list[Layer | None] = [*layers[1:], after]
    return [_filled(layer, behind) for layer, behind in zip(layers, following, strict=False)]


def _filled(layer: Layer, after: Layer | None) -> Layer:
    layer = layer.with_layers(with_default_weights, after)
    if "weight" not in type(layer).model_fields or getattr(layer, "weight", None) is not None:
        return layer
    activation = getattr(layer, "activation", None) or after
    kind = kind_named(Initializer, (activation if isinstance(activation, Activation) else Activation).initializer)
    assert kind is not None, activation
    return layer.model_copy(update={"weight": kind()})
