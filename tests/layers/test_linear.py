"""The fully connected layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.linear import Linear
from nnctl.layers.operation import StepContext
from tests.support.layer_check import Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestLinear(PyTorchLayerCheck):
    kind = Linear
    cases = (
        {"inputs": [5], "out_features": 4},
        {"inputs": [3], "out_features": 1, "bias": False},
        {"inputs": [4, 3], "out_features": 5},
        {"inputs": [2, 3], "out_features": 1, "bias": False},
    )
    refused = ({}, {"out_features": 0}, {"out_features": 2.0}, {"out_features": 2, "bias": True})
    golden = (
        {"inputs": [6], "out_features": 4},
        {"inputs": [6], "out_features": 4, "bias": False},
    )

    @staticmethod
    def reference(layer: Linear, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        weight = parameters["weight"]
        bias = parameters.get("bias", np.zeros(weight.shape[1]))
        return np.array(
            [
                [bias[j] + sum(row[i] * weight[i, j] for i in range(len(row))) for j in range(len(bias))]
                for row in inputs.reshape(-1, inputs.shape[-1])
            ]
        ).reshape(*inputs.shape[:-1], len(bias))

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
        from torch.nn import functional

        return functional.linear(inputs, **parameters)
