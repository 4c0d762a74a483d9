"""The simple recurrent network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.rnn import RNN
from tests.support.layer_check import Float64
from tests.support.recurrent_check import FEATURES, STEPS, RecurrentCheck, pytorch

RELU = {"inputs": [STEPS, FEATURES], "hidden_size": 4, "nonlinearity": "relu", "return": "sequence"}


class TestRNN(RecurrentCheck):
    kind = RNN
    cases = (*RecurrentCheck.cases, RELU)
    golden = cases
    float32_error = 1e-5  # random weights make each step larger than the one before, and so its error

    @staticmethod
    def step(layer: RNN, weights: Mapping[str, Float64], inputs: Float64, state: list[Float64]) -> list[Float64]:
        total = inputs @ weights["ih"] + weights["bias_ih"] + state[0] @ weights["hh"] + weights["bias_hh"]
        return [np.maximum(total, 0) if layer.nonlinearity == "relu" else np.tanh(total)]

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
        from torch import nn

        return pytorch(nn.RNN, inputs, parameters, **settings)
