"""The exponential linear unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.elu import ELU
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestELU(ElementwiseCheck, PyTorchLayerCheck):
    kind = ELU
    cases = ({"inputs": [3, 4, 2]}, {"inputs": [7], "alpha": 0.4})
    golden = ({"inputs": [6, 5, 3], "alpha": 0.7},)

    @staticmethod
    def formula(layer: ELU, x: float) -> float:
        return x if x > 0 else layer.alpha * (math.exp(x) - 1)

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.where(x > 0, x, np.where(x < 0, -1.0, 0.0))

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], alpha: float) -> Any:
        from torch.nn import functional

        return functional.elu(inputs, alpha)

    def test_a_small_tail_keeps_its_digits(self) -> None:
        """Where 1 - (almost 1) would leave nothing. Expected: mpmath with 40 digits."""
        np.testing.assert_allclose(self.at([-1e-12])[0], -9.9999999999949997989e-13, rtol=1e-12)
