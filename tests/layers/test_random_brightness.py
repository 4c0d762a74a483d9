"""Images made brighter and darker."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnctl.layers.operation import StepContext
from nnctl.layers.random_brightness import RandomBrightness
from tests.support.image_augmentation import AugmentationCheck, drawn
from tests.support.layer_check import Float64
from tests.support.splitmix import number_between


class TestRandomBrightness(AugmentationCheck):
    kind = RandomBrightness
    cases = ({"inputs": [3, 4, 2], "amount": 0.2}, {"inputs": [5, 2, 1], "amount": 3.0})
    refused = ({}, {"amount": 0.0}, {"amount": 0.1, "p": 0.5})
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(
        layer: RandomBrightness, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        key, outputs = int(step.key("random_brightness")), inputs.copy()
        for n in range(len(inputs) if step.training else 0):
            outputs[n] += number_between(key, n, -layer.amount, layer.amount)
        return outputs


def test_all_amounts_are_equally_likely() -> None:
    outputs = drawn(RandomBrightness(amount=0.5), np.zeros((2, 2, 1)))
    counts, _ = np.histogram(outputs[:, 0, 0, 0], bins=10, range=(-0.5, 0.5))
    assert counts.sum() == len(outputs)
    assert np.sum((counts - 100) ** 2 / 100) < 27.9  # chi squared, 9: 1 in 1000
