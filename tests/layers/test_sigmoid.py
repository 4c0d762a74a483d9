"""The logistic function."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.sigmoid import Sigmoid
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestSigmoid(ElementwiseCheck, PyTorchLayerCheck):
    kind = Sigmoid

    @staticmethod
    def formula(layer: Sigmoid, x: float) -> float:
        return 1 / (1 + math.exp(-x))

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.where(x == 0, 0.5, x > 0)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.sigmoid(inputs)

    def test_a_small_tail_keeps_its_digits(self) -> None:
        """Where 1 - (almost 1) would leave nothing. Expected: mpmath with 40 digits."""
        np.testing.assert_allclose(self.at([-700.0])[0], 9.8596765437597708567e-305, rtol=1e-12)
