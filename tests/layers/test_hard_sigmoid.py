"""The hard sigmoid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.hard_sigmoid import HardSigmoid
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestHardSigmoid(ElementwiseCheck, PyTorchLayerCheck):
    kind = HardSigmoid

    @staticmethod
    def formula(layer: HardSigmoid, x: float) -> float:
        return min(max(x / 6 + 0.5, 0.0), 1.0)

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.select([x < -3, x > 3], [0.0, 1.0], 0.5)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.relu6(inputs + 3) / 6  # hardsigmoid's derivative is 1/6 in float32, in float64 too

    def test_the_ends_are_pytorchs(self) -> None:
        outputs, d_inputs = self.at([-3.0, 3.0, -np.inf, np.inf])
        assert outputs.tolist() == [0.0, 1.0, 0.0, 1.0]
        assert not d_inputs.any()
