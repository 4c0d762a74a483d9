"""Images with more and less contrast."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnctl.layers.operation import StepContext
from nnctl.layers.random_contrast import RandomContrast
from tests.support.image_augmentation import AugmentationCheck, drawn
from tests.support.layer_check import Float64
from tests.support.splitmix import number_between


class TestRandomContrast(AugmentationCheck):
    kind = RandomContrast
    cases = ({"inputs": [3, 4, 2], "amount": 0.2}, {"inputs": [9, 5, 3], "amount": 1.0})
    refused = ({}, {"amount": 0.0}, {"amount": 1.1})
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(
        layer: RandomContrast, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        key, outputs = int(step.key("random_contrast")), inputs.copy()
        for n, sample in enumerate(inputs if step.training else []):
            factor = number_between(key, n, 1 - layer.amount, 1 + layer.amount)
            outputs[n] = sample.mean() + factor * (sample - sample.mean())
        return outputs


def test_the_mean_stays_and_all_factors_are_equally_likely() -> None:
    outputs = drawn(RandomContrast(amount=0.5), np.array([[[1.0], [3.0]]]))
    np.testing.assert_allclose(outputs.mean(axis=(1, 2, 3)), 2)
    counts, _ = np.histogram(np.ptp(outputs, axis=(1, 2, 3)), bins=10, range=(1, 3))
    assert counts.sum() == len(outputs)
    assert np.sum((counts - 100) ** 2 / 100) < 27.9  # chi squared, 9: 1 in 1000
