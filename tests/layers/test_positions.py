"""Positions, learnt and sinusoidal."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnctl.initializers.sinusoidal import Sinusoidal
from nnctl.layers.operation import StepContext
from nnctl.layers.positions import Positions
from tests.support.layer_check import Float64, LayerCheck, a_step, build


class TestPositions(LayerCheck):
    kind = Positions
    cases = ({"inputs": [5, 3]}, {"inputs": [2, 4], "learnt": True})
    refused = ({"learnt": "maybe"},)
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(layer: Positions, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        table = parameters.get("weight")
        if table is None:
            table = Sinusoidal().fill(inputs.shape[1:], 0, 0, np.random.default_rng(0))
        return np.array([[sample[t] + table[t] for t in range(len(sample))] for sample in inputs])


def test_steps_that_are_not_real_teach_nothing() -> None:
    lengths = np.array([2, 4, 1])
    built = build(Positions(learnt=True), (4, 3), lengths=lengths)
    for number, length in enumerate(lengths):
        built.arrays.d_outputs[number, length:] = np.nan
    gradient = built.both_ways(a_step()).arrays.gradients["weight"]
    given = built.arrays.d_outputs
    expected = [sum(given[n, t] for n in range(3) if t < lengths[n]) for t in range(4)]
    np.testing.assert_allclose(gradient, expected, atol=1e-15)
