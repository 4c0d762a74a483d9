"""The penalty on what passes: its gradient beside the loss's, and lengths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnctl.layers.activity_penalty import ActivityPenalty
from nnctl.layers.operation import StepContext
from tests.support.kind_check import Settings
from tests.support.layer_check import Float64, LayerCheck, a_step, build


def penalty(layer: ActivityPenalty, inputs: Float64) -> float:
    """Of a batch, one number at a time."""
    samples = [layer.l1 * sum(map(abs, x)) + layer.l2 * sum(v * v for v in x) for x in inputs.reshape(len(inputs), -1)]
    return sum(samples) / len(samples)


class TestActivityPenalty(LayerCheck):
    kind = ActivityPenalty
    cases = ({"inputs": [4, 3], "l1": 0.5}, {"inputs": [5], "l2": 0.25}, {"inputs": [2, 2, 3], "l1": 0.1, "l2": 2.0})
    refused = ({"l1": -1.0}, {"l2": "much"})
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(
        layer: ActivityPenalty, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        return inputs.copy()

    def test_gradients(self, case: Settings) -> None:
        """Those of the objective with the penalty, by finite differences."""
        layer: Any = self.layer(case)
        arrays = build(layer, tuple(case["inputs"])).both_ways(a_step()).arrays
        assert arrays.d_inputs is not None
        inputs, d_inputs, size = arrays.inputs.ravel(), arrays.d_inputs.ravel(), 1e-6
        for i in range(inputs.size):
            ends = []
            for change in (size, -size):
                moved = inputs.copy()
                moved[i] += change
                ends.append(
                    float(moved @ arrays.d_outputs.ravel()) + penalty(layer, moved.reshape(arrays.inputs.shape))
                )
            np.testing.assert_allclose(d_inputs[i], (ends[0] - ends[1]) / (2 * size), rtol=1e-6, atol=1e-8)


def test_a_zero_has_no_slope() -> None:
    built = build(ActivityPenalty(l1=1.0), (3,))
    built.arrays.inputs[...] = 0.0
    built.both_ways(a_step())
    np.testing.assert_array_equal(built.arrays.d_inputs, built.arrays.d_outputs)


def test_padding_is_not_penalized() -> None:
    lengths = np.array([2, 4, 1])
    built = build(ActivityPenalty(l1=1.0, l2=1.0), (4, 2), lengths=lengths).both_ways(a_step())
    assert built.arrays.d_inputs is not None
    changed = (built.arrays.d_inputs != built.arrays.d_outputs).all(axis=2)
    np.testing.assert_array_equal(changed, np.arange(4) < lengths[:, np.newaxis])
