"""Images mirrored."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnctl.layers.operation import StepContext
from nnctl.layers.random_flip import RandomFlip
from tests.support.image_augmentation import AugmentationCheck
from tests.support.layer_check import Float64, a_step, build
from tests.support.splitmix import number_between


class TestRandomFlip(AugmentationCheck):
    kind = RandomFlip
    cases = (
        {"inputs": [3, 4, 2]},
        {"inputs": [5, 5, 1], "axis": "vertical"},
        {"inputs": [2, 3, 3], "axis": "vertical", "p": 0.3},
    )
    refused = ({"p": 0.0}, {"p": 1.1}, {"axis": "both"}, {"mode": "horizontal"})
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(layer: RandomFlip, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        outputs, key = inputs.copy(), int(step.key("random_flip"))
        for n, sample in enumerate(inputs if step.training else []):
            if number_between(key, n, 0, 1) < layer.p:
                outputs[n] = sample[:, ::-1] if layer.axis == "horizontal" else sample[::-1]
        return outputs


def test_p_is_the_share_of_what_is_mirrored() -> None:
    for p in (0.2, 0.5, 1.0):
        arrays = build(RandomFlip(p=p), (1, 2, 1), samples=2000).forward(a_step()).arrays
        flipped = arrays.outputs[:, 0, 0, 0] == arrays.inputs[:, 0, 1, 0]
        assert abs(flipped.mean() - p) <= 4 * np.sqrt(p * (1 - p) / 2000)
