"""The rectified linear unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.relu import ReLU
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestReLU(ElementwiseCheck, PyTorchLayerCheck):
    kind = ReLU

    @staticmethod
    def formula(layer: ReLU, x: float) -> float:
        return max(0.0, x)

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.maximum(x, 0)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.relu(inputs)
