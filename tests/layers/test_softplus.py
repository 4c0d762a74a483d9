"""Softplus."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.softplus import Softplus
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestSoftplus(ElementwiseCheck, PyTorchLayerCheck):
    kind = Softplus

    @staticmethod
    def formula(layer: Softplus, x: float) -> float:
        return math.log(1 + math.exp(x))

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.where(x == 0, np.log(2.0), np.maximum(x, 0))

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.softplus(inputs)

    def test_a_small_tail_keeps_its_digits(self) -> None:
        """Where 1 - (almost 1) would leave nothing. Expected: mpmath with 40 digits."""
        np.testing.assert_allclose(self.at([-50.0])[0], 1.9287498479639177829e-22, rtol=1e-12)
