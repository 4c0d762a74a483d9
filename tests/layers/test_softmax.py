"""Softmax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.layers.operation import StepContext
from nnctl.layers.softmax import Softmax
from tests.support.activation_check import ActivationCheck
from tests.support.layer_check import Array, Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestSoftmax(ActivationCheck, PyTorchLayerCheck):
    kind = Softmax
    cases = ({"inputs": [7]}, {"inputs": [3, 4, 2]})

    @staticmethod
    def reference(layer: Softmax, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        powers = np.exp(inputs)
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))

    @staticmethod
    def limits(x: Float64) -> Array:
        return (x == 1e4).astype(float)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        from torch.nn import functional

        return functional.softmax(inputs, dim=1)

    def test_probabilities_add_to_one(self) -> None:
        outputs, d_inputs = self.at([1.0, 2.0, 3.0, 1000.0])
        assert outputs.sum() == pytest.approx(1.0, abs=1e-15)
        np.testing.assert_allclose(d_inputs, 0.0, atol=1e-15)  # their sum never changes
