"""A gain, and a running mean."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from nnctl.layers.center import Center

from nnctl.layers.operation import StepContext
from tests.support.layer_check import Float64, LayerCheck, a_step, build


class TestCenter(LayerCheck):
    kind = Center
    cases = ({"inputs": [7]}, {"inputs": [3], "momentum": 0.5})
    refused = ({"momentum": 1.0},)
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(layer: Center, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return np.array([[gain * x for gain, x in zip(parameters["gain"], row, strict=True)] for row in inputs])

    def test_evaluation_takes_the_running_mean_off(self) -> None:
        built = build(Center(momentum=0.5), (3,))
        arrays = built.arrays
        built.forward(a_step())
        mean = 0.5 * arrays.inputs.mean(axis=0)
        np.testing.assert_allclose(arrays.buffers["mean"], mean, rtol=1e-14)
        built.forward(a_step(training=False))
        np.testing.assert_allclose(arrays.outputs, arrays.parameters["gain"] * (arrays.inputs - mean), rtol=1e-14)
