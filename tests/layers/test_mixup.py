"""Samples mixed with others of their batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from nnctl import random
from nnctl.kernels.device import CPU
from nnctl.layers.mixup import Mixup
from nnctl.layers.operation import ShapeError, StepContext
from tests.support.layer_check import Float64, LayerCheck, a_step, build, check_layer


def drawn(layer: Mixup, samples: int, step: StepContext) -> tuple[float, int]:
    """The share of a sample itself, and how many samples behind it the other is."""

    def stream(purpose: str) -> np.random.Generator:
        return random.generator(step.seed, purpose, step.epoch, step.step, *step.path)

    share = stream("mixup share").beta(layer.alpha, layer.alpha)
    return max(share, 1 - share), int(stream("mixup partner").integers(1, samples)) if samples > 1 else 0


class TestMixup(LayerCheck):
    kind = Mixup
    cases = ({"inputs": [7]}, {"inputs": [3, 4, 2], "alpha": 1.0}, {"inputs": [5, 3], "alpha": 8.0})
    refused = ({"alpha": 0.0}, {"p": 0.5})
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(layer: Mixup, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        share, offset = drawn(layer, len(inputs), step) if step.training else (1.0, 0)
        return np.array(
            [share * inputs[n] + (1 - share) * inputs[(n + offset) % len(inputs)] for n in range(len(inputs))]
        )

    def test_evaluation_changes_nothing(self) -> None:
        check_layer(Mixup(), (3, 4), self.reference, training=False)
        arrays = build(Mixup(), (3, 4)).forward(a_step(training=False)).arrays
        assert arrays.outputs.tobytes() == arrays.inputs.tobytes()


def test_a_sample_alone_is_itself() -> None:
    arrays = build(Mixup(alpha=1.0), (4,), samples=1).forward(a_step()).arrays
    np.testing.assert_allclose(arrays.outputs, arrays.inputs, rtol=1e-15)


@pytest.mark.parametrize("counter", ["seed", "epoch", "step", "path"])
def test_each_counter_mixes_otherwise(counter: str) -> None:
    steps = [replace(a_step(), **{counter: (k,) if counter == "path" else k}) for k in range(4)]
    outputs = [build(Mixup(alpha=1.0), (5,), samples=20).forward(step).arrays.outputs for step in steps]
    assert len({array.tobytes() for array in outputs}) == 4


def test_every_other_sample_is_as_likely() -> None:
    counts = np.bincount([drawn(Mixup(), 5, a_step(step=step))[1] for step in range(400)], minlength=5)
    assert counts[0] == 0
    assert np.sum((counts[1:] - 100) ** 2 / 100) < 16.3  # chi squared, 3: 1 in 1000


def test_sequences_with_a_length_each_are_refused() -> None:
    with pytest.raises(ShapeError, match="sequences with a length each"):
        Mixup().plan((5, 3), CPU()).steps(np.array([2, 3]))
