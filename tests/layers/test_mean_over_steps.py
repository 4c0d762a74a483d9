"""The mean of a sequence's steps; what lengths do is in test_over_steps.py."""

from __future__ import annotations

from collections.abc import Mapping

from nnctl.layers.mean_over_steps import MeanOverSteps
from nnctl.layers.operation import StepContext
from tests.support.layer_check import Float64, LayerCheck


class TestMeanOverSteps(LayerCheck):
    kind = MeanOverSteps
    cases = ({"inputs": [5, 3]},)
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(
        layer: MeanOverSteps, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        return inputs.mean(axis=1)
