"""Mish."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.mish import Mish
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestMish(ElementwiseCheck, PyTorchLayerCheck):
    kind = Mish

    @staticmethod
    def formula(layer: Mish, x: float) -> float:
        return x * math.tanh(math.log1p(math.exp(x)))

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.maximum(x, 0)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.mish(inputs)

    def test_a_small_tail_keeps_its_digits(self) -> None:
        """Where tanh is 1 but for a few digits, and where it is almost 0. Expected: mpmath with 40 digits."""
        outputs, d_inputs = self.at([20.0, -20.0])
        np.testing.assert_allclose(outputs, [19.99999999999999983, -4.122307240628761400640e-8], rtol=1e-14)
        np.testing.assert_allclose(d_inputs, [1.000000000000000331, -3.916191874348969075317e-8], rtol=1e-14)
