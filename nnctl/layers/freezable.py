"""Layers that may be frozen: they keep their weights while the others train."""

from __future__ import annotations

from nnctl.layers.layer import Layer


class Freezable(Layer):
    """Base of the layers that have weights, or hold layers that may have some."""

    freeze: bool = False
    """Whether its weights, and those of the layers inside it, stay as they are; it computes as in evaluation then."""


def is_frozen(layer: Layer) -> bool:
    """Whether its config says so."""
    return isinstance(layer, Freezable) and layer.freeze
