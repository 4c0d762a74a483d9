"""The hard swish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.hard_swish import HardSwish
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestHardSwish(ElementwiseCheck, PyTorchLayerCheck):
    kind = HardSwish

    @staticmethod
    def formula(layer: HardSwish, x: float) -> float:
        return x * min(max(x / 6 + 0.5, 0.0), 1.0)

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.maximum(x, 0)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.hardswish(inputs)

    def test_the_ends_are_pytorchs(self) -> None:
        outputs, d_inputs = self.at([-3.0, 3.0, -np.inf, np.inf])
        assert outputs.tolist() == [0.0, 3.0, 0.0, np.inf]
        assert d_inputs.tolist() == [0.0, 1.0, 0.0, 1.0]
