"""The long short-term memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.kernels.device import CPU
from nnctl.layers.lstm import LSTM
from tests.support.layer_check import Float64
from tests.support.recurrent_check import RecurrentCheck, logistic, pytorch


class TestLSTM(RecurrentCheck):
    kind = LSTM
    states = 2

    @staticmethod
    def step(layer: LSTM, weights: Mapping[str, Float64], inputs: Float64, state: list[Float64]) -> list[Float64]:
        hidden, cell = state
        gates = inputs @ weights["ih"] + weights["bias_ih"] + hidden @ weights["hh"] + weights["bias_hh"]
        i, f, g, o = np.split(gates, 4)
        cell = logistic(f) * cell + logistic(i) * np.tanh(g)
        return [logistic(o) * np.tanh(cell), cell]

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
        from torch import nn

        return pytorch(nn.LSTM, inputs, parameters, **settings)


def test_the_bias_of_the_forget_gate() -> None:
    layer = LSTM(hidden_size=3, bias=0.25, forget_bias=2.0)
    (spec,) = [spec for spec in layer.plan((4, 2), CPU()).arrays if spec.name == "bias_ih_l0"]
    assert spec.initializer is not None
    filled = spec.initializer.fill(spec.shape, *spec.fans, np.random.default_rng(0))
    np.testing.assert_array_equal(filled, np.repeat([0.25, 2.25, 0.25, 0.25], 3))
