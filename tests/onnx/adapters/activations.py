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


def hard_sigmoid(case: OperatorCase) -> LayerCase:
    slope, middle = case.attributes.get("alpha", 0.2), case.attributes.get("beta", 0.5)
    require(np.isclose(slope, 1 / 6) and middle == 0.5, "another slope than 1/6, or another middle than 1/2")
    return elementwise("hard_sigmoid")(case)


def selu(case: OperatorCase) -> LayerCase:
    require(not case.attributes, "other numbers than those that keep mean and variance")
    return elementwise("selu")(case)


def prelu(case: OperatorCase) -> LayerCase:
    slope = case.input(1)
    require(slope.ndim == 1 or slope.size == 1, "a slope for each number")
    layer = {"type": "prelu", "per_channel": slope.size > 1}
    return LayerCase(layer, case.input(0), case.output(), {"slope": slope.reshape(-1)})


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
    "HardSigmoid": hard_sigmoid,
    "HardSwish": elementwise("hard_swish"),
    "Mish": elementwise("mish"),
    "PRelu": prelu,
    "Selu": selu,
    "Softplus": elementwise("softplus"),
    "Softmax": softmax,
}
