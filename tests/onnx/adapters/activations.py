"""Activations: each number by itself, or along the last axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.onnx.case import Adapter, LayerCase, OperatorCase, require


def elementwise(kind: str, names: Mapping[str, str] | None = None, defaults: Mapping[str, float] | None = None) -> Any:
    """An adapter for a kind. names: of its settings, by those of the operator's attributes; defaults: of these."""

    def adapt(case: OperatorCase) -> LayerCase:
        values = {**(defaults or {}), **case.attributes}
        settings = {setting: values[attribute] for attribute, setting in (names or {}).items()}
        return LayerCase({"type": kind, **settings}, _samples(case.input(0)), _samples(case.output()))

    return adapt


def gelu(case: OperatorCase) -> LayerCase:
    require(case.attributes.get("approximate", "none") == "none", "the approximation by tanh")
    return elementwise("gelu")(case)


def swish(case: OperatorCase) -> LayerCase:
    require(case.attributes.get("alpha", 1.0) == 1.0, "a factor inside the sigmoid")
    return elementwise("silu")(case)


def softmax(case: OperatorCase) -> LayerCase:
    inputs = case.input(0)
    axis = case.attributes.get("axis", -1) % inputs.ndim
    require(axis > 0, "a softmax over the samples")
    inputs, outputs = (np.moveaxis(array, axis, -1) for array in (inputs, case.output()))
    return LayerCase({"type": "softmax"}, inputs, outputs)


def _samples(array: np.ndarray) -> np.ndarray:
    """With an axis of samples, which a single row of numbers has not."""
    return array.reshape(1, -1) if array.ndim == 1 else array


ADAPTERS: dict[str, Adapter] = {
    "Relu": elementwise("relu"),
    "LeakyRelu": elementwise("leaky_relu", {"alpha": "slope"}, {"alpha": 0.01}),
    "Elu": elementwise("elu", {"alpha": "alpha"}, {"alpha": 1.0}),
    "Gelu": gelu,
    "Sigmoid": elementwise("sigmoid"),
    "Swish": swish,
    "Tanh": elementwise("tanh"),
    "Softplus": elementwise("softplus"),
    "Softmax": softmax,
}
