"""The rectified linear unit with a learnt slope, as a layer and as the activation of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike

from nnctl.layers.operation import StepContext
from nnctl.layers.prelu import PReLU
from nnctl.model.network import Network
from nnctl.model.plan import plan_network
from tests.support.activation_check import ActivationCheck
from tests.support.layer_check import Array, Float64, a_step, build
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.specs import layers_of
from tests.support.threads import threads


class TestPReLU(ActivationCheck, PyTorchLayerCheck):
    kind = PReLU
    cases = (
        {"inputs": [3, 4, 2]},
        {"inputs": [5, 3], "per_channel": True},
        {"inputs": [140], "per_channel": True},
    )
    refused = ({"slope": True}, {"per_channel": 1}, {"weight": 0.1})
    golden = ({"inputs": [4, 5, 3], "per_channel": True}, {"inputs": [6]})

    @staticmethod
    def reference(layer: PReLU, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        slopes = np.broadcast_to(parameters["slope"], inputs.shape)
        found = [x if x > 0 else slope * x for x, slope in zip(inputs.ravel(), slopes.ravel(), strict=True)]
        return np.array(found).reshape(inputs.shape)

    @staticmethod
    def limits(x: Float64) -> Array:
        return np.where(x > 0, x, 0.25 * x)

    def at(self, inputs: list[float], dtype: DTypeLike = np.float64) -> tuple[Array, Array]:
        """With the slope that it starts with."""
        built = build(PReLU(), (len(inputs),), samples=1, dtype=dtype)
        arrays = built.arrays
        arrays.parameters["slope"][...] = 0.25
        arrays.inputs[0], arrays.d_outputs[...] = inputs, 1
        built.both_ways(a_step())
        assert arrays.d_inputs is not None
        return arrays.outputs[0], arrays.d_inputs[0]

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], per_channel: bool = False) -> Any:
        from torch.nn import functional

        return functional.prelu(inputs, parameters["slope"])

    def test_the_derivative_at_zero_is_the_slope(self) -> None:
        outputs, d_inputs = self.at([0.0, -0.0])
        assert not outputs.any()
        assert d_inputs.tolist() == [0.25, 0.25]


@pytest.mark.parametrize("per_channel", [False, True])
def test_steps_beyond_a_length_have_no_influence_on_the_slope(per_channel: bool) -> None:
    lengths, layer = np.array([5, 0, 2, 3]), PReLU(per_channel=per_channel)
    found = []
    for filling in (0.0, np.nan, -1e30):
        built = build(layer, (5, 3), len(lengths), lengths=lengths)
        for number, length in enumerate(lengths):
            built.arrays.inputs[number, length:] = built.arrays.d_outputs[number, length:] = filling
        found.append(built.both_ways(a_step()).arrays.gradients["slope"])
    assert np.isfinite(found[0]).all()
    assert all(gradient.tobytes() == found[0].tobytes() for gradient in found)


@pytest.mark.parametrize("per_channel", [False, True])
def test_the_bits_are_those_of_one_thread(per_channel: bool) -> None:
    expected: dict[str, bytes] = {}
    for number in (1, 2, 3, 8):
        with threads(number):
            built = build(PReLU(per_channel=per_channel), (40, 9, 12), 37, "float32").both_ways(a_step())
        made = {name: result.tobytes() for name, result in built.results().items()}
        expected = expected or made
        assert made == expected, f"{number} threads"


def test_as_an_activation_its_slope_is_a_parameter_of_the_network() -> None:
    layers = [{"type": "linear", "out_features": 3, "activation": {"type": "prelu", "per_channel": True}}, "prelu"]
    network = Network(plan_network(layers_of(layers), (4,)), 2, "float64")
    network.initialize(0)
    kept = network.kept()
    np.testing.assert_array_equal(kept["layers.0.activation.slope"], [0.25, 0.25, 0.25])
    np.testing.assert_array_equal(kept["layers.1.slope"], [0.25])
