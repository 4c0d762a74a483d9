"""The sigmoid linear unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.silu import SiLU
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestSiLU(ElementwiseCheck, PyTorchLayerCheck):
    kind = SiLU

    @staticmethod
    def formula(layer: SiLU, x: float) -> float:
        return x / (1 + math.exp(-x))

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.maximum(x, 0)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.silu(inputs)
