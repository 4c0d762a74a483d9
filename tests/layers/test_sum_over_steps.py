"""The sum of a sequence's steps; what lengths do is in test_over_steps.py."""

from __future__ import annotations

from collections.abc import Mapping

from nnctl.layers.operation import StepContext
from nnctl.layers.sum_over_steps import SumOverSteps
from tests.support.layer_check import Float64, LayerCheck


class TestSumOverSteps(LayerCheck):
    kind = SumOverSteps
    cases = ({"inputs": [5, 3]},)
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(
        layer: SumOverSteps, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        return inputs.sum(axis=1)
