"""The scaled exponential linear unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.selu import ALPHA, SCALE, SELU
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestSELU(ElementwiseCheck, PyTorchLayerCheck):
    kind = SELU

    @staticmethod
    def formula(layer: SELU, x: float) -> float:
        return SCALE * (x if x > 0 else ALPHA * (math.exp(x) - 1))

    @staticmethod
    def limits(x: Float64) -> Array:
        return SCALE * np.where(x > 0, x, np.where(x < 0, -ALPHA, 0.0))

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.selu(inputs)
