"""The leaky rectified linear unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.leaky_relu import LeakyReLU
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestLeakyReLU(ElementwiseCheck, PyTorchLayerCheck):
    kind = LeakyReLU
    cases = ({"inputs": [3, 4, 2]}, {"inputs": [7], "slope": 0.3})
    refused = ({"slope": -0.1},)
    golden = ({"inputs": [6, 5, 3], "slope": 0.2},)

    @staticmethod
    def formula(layer: LeakyReLU, x: float) -> float:
        return x if x > 0 else layer.slope * x

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.where(x > 0, x, 0.01 * x)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], slope: float) -> Any:
        from torch.nn import functional

        return functional.leaky_relu(inputs, slope)
