"""The residual block."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from nnctl.layers.operation import StepContext
from nnctl.layers.residual import Residual
from tests.support.layer_check import Float64, LayerCheck
from tests.support.naive_chain import chain

SAME = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same"}
STRIDED = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1, "stride": [2, 3]}


class TestResidual(LayerCheck):
    kind = Residual
    cases = (
        {"inputs": [7], "layers": [{"type": "linear", "out_features": 7, "activation": "tanh"}]},
        {"inputs": [7], "layers": ["tanh", {"type": "linear", "out_features": 3}]},
        {"inputs": [3, 4, 2], "layers": [SAME], "shortcut": "projection"},
        {"inputs": [7, 6, 3], "layers": [STRIDED, "tanh", SAME]},
    )
    refused = ({}, {"layers": []}, {"layers": ["tanh"], "shortcut": "none"}, {"layers": "tanh"})
    without_pytorch = "it has no such layer; those inside have numbers of their own"

    @staticmethod
    def reference(layer: Residual, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        outputs = chain(layer.layers, "layers.", inputs, parameters, step)
        if "shortcut.weight" not in parameters:
            return outputs + inputs
        weight, bias = parameters["shortcut.weight"], parameters["shortcut.bias"]
        if inputs.ndim == 2:
            return np.asarray(outputs + inputs @ weight + bias)
        strides = [math.ceil(inputs.shape[axis] / outputs.shape[axis]) for axis in (1, 2)]
        return np.asarray(outputs + inputs[:, :: strides[0], :: strides[1]] @ weight[0, 0] + bias)
