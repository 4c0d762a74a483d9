"""The check for layers that change images at random in training alone."""

from __future__ import annotations

from abc import ABC
from dataclasses import replace

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.layer import Layer
from nnctl.layers.operation import ShapeError
from tests.support.kind_check import Settings
from tests.support.layer_check import Array, LayerCheck, a_step, build, check_layer


class AugmentationCheck(LayerCheck, ABC):
    """What every layer must do, and: nothing in evaluation, other numbers in every step, images and no sequences."""

    def test_evaluation_changes_nothing(self, case: Settings) -> None:
        layer, shape = self.layer(case), tuple(case["inputs"])
        check_layer(layer, shape, self.reference, training=False)
        if layer.plan(shape, CPU()).outputs == shape:
            arrays = build(layer, shape).forward(a_step(training=False)).arrays
            assert arrays.outputs.tobytes() == arrays.inputs.tobytes()

    @pytest.mark.parametrize("counter", ["seed", "epoch", "step", "path"])
    def test_each_counter_draws_other_numbers(self, case: Settings, counter: str) -> None:
        layer, shape = self.layer(case), tuple(case["inputs"])
        steps = [replace(a_step(), **{counter: (k,) if counter == "path" else k}) for k in range(4)]
        outputs = [build(layer, shape, samples=20).forward(step).arrays.outputs for step in steps]
        assert len({array.tobytes() for array in outputs}) == 4

    def test_only_images_are_taken(self, case: Settings) -> None:
        layer = self.layer(case)
        for shape in ((24,), (9, 4)):
            with pytest.raises(ShapeError, match="three axes a sample"):
                layer.plan(shape, CPU())
        with pytest.raises(ShapeError, match="its inputs are sequences with a length each"):
            layer.plan(tuple(case["inputs"]), CPU()).steps(np.array([1, 2]))


def drawn(layer: Layer, image: Array, samples: int = 1000) -> Array:
    """What training makes of so many samples that are the same image, (H, W, C)."""
    built = build(layer, image.shape, samples=samples)
    built.arrays.inputs[...] = image
    return built.forward(a_step()).arrays.outputs
