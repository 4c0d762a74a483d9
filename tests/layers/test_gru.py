"""The gated recurrent unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.gru import GRU
from tests.support.layer_check import Float64
from tests.support.recurrent_check import RecurrentCheck, logistic, pytorch


class TestGRU(RecurrentCheck):
    kind = GRU

    @staticmethod
    def step(layer: GRU, weights: Mapping[str, Float64], inputs: Float64, state: list[Float64]) -> list[Float64]:
        (hidden,) = state
        own = np.split(inputs @ weights["ih"] + weights["bias_ih"], 3)
        before = np.split(hidden @ weights["hh"] + weights["bias_hh"], 3)
        reset, update = logistic(own[0] + before[0]), logistic(own[1] + before[1])
        new = np.tanh(own[2] + reset * before[2])
        return [(1 - update) * new + update * hidden]

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
        from torch import nn

        return pytorch(nn.GRU, inputs, parameters, **settings)
