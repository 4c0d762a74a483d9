"""The Gaussian error linear unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.gelu import GELU
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestGELU(ElementwiseCheck, PyTorchLayerCheck):
    kind = GELU

    @staticmethod
    def formula(layer: GELU, x: float) -> float:
        return x * (1 + math.erf(x / math.sqrt(2))) / 2

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.maximum(x, 0)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.gelu(inputs)

    def test_a_small_tail_keeps_its_digits(self) -> None:
        """Where 1 - (almost 1) would leave nothing. Expected: mpmath with 40 digits."""
        np.testing.assert_allclose(self.at([-9.0])[0], -1.015729565358456583e-18, rtol=1e-12)
