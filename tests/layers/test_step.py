"""The threshold of the perceptron."""

from __future__ import annotations

import numpy as np

from nnctl.layers.step import Step
from tests.support.activation_check import ElementwiseCheck
from tests.support.layer_check import Array, Float64, a_step, build, check_contract, check_outputs


class TestStep(ElementwiseCheck):
    kind = Step
    cases = ({"inputs": [3, 4, 2], "gradient": "zero"},)
    refused = ({"gradient": "one"},)
    without_pytorch = "it has no threshold with a gradient"

    @staticmethod
    def formula(layer: Step, x: float) -> float:
        return 1.0 if x >= 0 else 0.0

    @staticmethod
    def limits(x: Float64) -> Array:
        return (x >= 0).astype(float)

    def test_the_gradient_is_passed_straight_through(self) -> None:
        layer, shape = Step(), (3, 4, 2)
        check_outputs(layer, shape, self.reference, a_step())
        check_contract(layer, shape, a_step())
        arrays = build(layer, shape).both_ways(a_step()).arrays
        np.testing.assert_array_equal(arrays.d_inputs, arrays.d_outputs)

    def test_the_threshold_is_passed_at_zero(self) -> None:
        assert self.at([-1e-300, -0.0, 0.0, 1e-300])[0].tolist() == [0.0, 1.0, 1.0, 1.0]
