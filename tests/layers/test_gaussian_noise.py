"""Gaussian noise, a function of the seed and the counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from nnctl.layers.gaussian_noise import GaussianNoise
from nnctl.layers.operation import StepContext
from tests.support.layer_check import Float64, LayerCheck, a_step, build, check_layer
from tests.support.splitmix import splitmix64


class TestGaussianNoise(LayerCheck):
    kind = GaussianNoise
    cases = ({"inputs": [3, 4, 2]}, {"inputs": [7], "std": 0.0}, {"inputs": [40], "std": 2.5})
    refused = ({"std": -0.1}, {"stddev": 0.1})
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(
        layer: GaussianNoise, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        if not step.training:
            return inputs.copy()
        key, inverse = int(step.key("gaussian_noise")), NormalDist().inv_cdf
        noise = [inverse(((splitmix64(key, number) >> 32) + 0.5) / 2**32) for number in range(inputs.size)]
        return inputs + layer.std * np.array(noise).reshape(inputs.shape)

    def test_evaluation_changes_nothing(self) -> None:
        check_layer(GaussianNoise(), (3, 4, 2), self.reference, training=False)


def noise(**counters: Any) -> Float64:
    """Of 3000 inputs, deviation 1."""
    built = build(GaussianNoise(std=1.0), (1000,))
    built.arrays.inputs[...] = 0
    return np.asarray(built.forward(replace(a_step(), **counters)).arrays.outputs.ravel())


@pytest.mark.parametrize("counter", ["seed", "epoch", "step", "path"])
def test_each_counter_makes_other_noise(counter: str) -> None:
    one, other = (noise(**{counter: (at,) if counter == "path" else at}) for at in (10, 11))
    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(one.size)


def test_neighbours_are_independent() -> None:
    made = noise()
    for distance in (1, 2, 1000):
        assert abs(np.corrcoef(made[distance:], made[:-distance])[0, 1]) < 4 / np.sqrt(made.size)
