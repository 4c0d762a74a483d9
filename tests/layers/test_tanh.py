"""The hyperbolic tangent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.tanh import Tanh
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestTanh(ElementwiseCheck, PyTorchLayerCheck):
    kind = Tanh

    @staticmethod
    def formula(layer: Tanh, x: float) -> float:
        return (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.sign(x)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.tanh(inputs)
