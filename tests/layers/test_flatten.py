"""Flatten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.flatten import Flatten
from nnctl.layers.operation import StepContext
from tests.support.layer_check import Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestFlatten(PyTorchLayerCheck):
    kind = Flatten
    cases = ({"inputs": [3, 4, 2]}, {"inputs": [7]})
    golden = ({"inputs": [6]},)

    @staticmethod
    def reference(layer: Flatten, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return np.array([sample.ravel() for sample in inputs])

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any]) -> Any:
        return inputs.flatten(1)
