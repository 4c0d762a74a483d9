"""The same layers several times in a row."""

from __future__ import annotations

from collections.abc import Mapping

from nnctl.layers.operation import StepContext
from nnctl.layers.repeat import Repeat
from tests.support.layer_check import Float64, LayerCheck
from tests.support.naive_chain import chain

CONV = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same"}


class TestRepeat(LayerCheck):
    kind = Repeat
    cases = (
        {"inputs": [7], "repeat": 3, "layers": [{"type": "linear", "out_features": 7}, "tanh"]},
        {"inputs": [3, 4, 2], "repeat": 2, "layers": [{"type": "residual", "layers": [CONV]}]},
    )
    refused = ({"repeat": 2}, {"repeat": 0, "layers": ["tanh"]}, {"repeat": 2, "layers": []})
    without_pytorch = "it has no such layer; those inside have numbers of their own"

    @staticmethod
    def reference(layer: Repeat, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        for number in range(layer.repeat):
            inputs = chain(layer.layers, f"{number}.layers.", inputs, parameters, step)
        return inputs
