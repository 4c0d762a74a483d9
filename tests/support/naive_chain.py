"""Layers in a row by the references in their test files: what the layers that hold layers are checked against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnctl.layers.operation import StepContext
from tests.support.kinds_have_tests import check_of
from tests.support.layer_check import Float64, LayerCheck


def chain(
    layers: Sequence[Any], prefix: str, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
) -> Float64:
    """The outputs of the last layer; the parameters of the first are those whose names begin with `<prefix>0.`."""
    for number, layer in enumerate(layers):
        own = f"{prefix}{number}."
        inner = {name.removeprefix(own): array for name, array in parameters.items() if name.startswith(own)}
        inputs = reference_of(layer, inputs, inner, step)
        activation = getattr(layer, "activation", None)
        if activation is not None:
            inputs = reference_of(activation, inputs, {}, step)
    return inputs


def reference_of(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
    return check_of(type(layer), LayerCheck).reference(layer, inputs, parameters, step)
