"""Normalization of each sample by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.onnx.case import Adapter, LayerCase, OperatorCase, channels_last, unless_biased


def layer_norm(case: OperatorCase) -> LayerCase:
    """What is normalized together becomes one row of features; with axis 0 that is all there is, of one sample."""
    weight, bias = case.input(1), case.optional(2)
    axis = case.attributes.get("axis", -1) % case.input(0).ndim
    shape = (*(case.input(0).shape[:axis] or (1,)), -1)
    parameters = {"weight": weight.ravel()} | ({} if bias is None else {"bias": bias.ravel()})
    layer = {"type": "layer_norm", "eps": _eps(case), **unless_biased(bias)}
    return LayerCase(layer, case.input(0).reshape(shape), case.output().reshape(shape), parameters)


def group_norm(case: OperatorCase) -> LayerCase:
    return _by_channel(case, {"type": "group_norm", "groups": case.attributes["num_groups"]})


def instance_norm(case: OperatorCase) -> LayerCase:
    return _by_channel(case, {"type": "instance_norm"})


def _by_channel(case: OperatorCase, layer: dict[str, Any]) -> LayerCase:
    inputs, outputs = channels_last(case.input(0)), channels_last(case.output())
    parameters = {"weight": case.input(1), "bias": case.input(2)}
    return LayerCase(layer | {"eps": _eps(case)}, inputs, outputs, parameters)


def _eps(case: OperatorCase) -> float:
    return float(np.float32(case.attributes.get("epsilon", 1e-5)))


ADAPTERS: dict[str, Adapter] = {
    "LayerNormalization": layer_norm,
    "GroupNormalization": group_norm,
    "InstanceNormalization": instance_norm,
}
