"""A part of images hidden."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.cutout import Cutout
from nnctl.layers.operation import ShapeError, StepContext
from tests.support.image_augmentation import AugmentationCheck, drawn
from tests.support.layer_check import Float64
from tests.support.naive_windows import both
from tests.support.splitmix import integer_below, number_between


class TestCutout(AugmentationCheck):
    kind = Cutout
    cases = (
        {"inputs": [6, 5, 2], "size": 3},
        {"inputs": [4, 7, 1], "size": [5, 2], "p": 0.5},
        {"inputs": [3, 3, 3], "size": 1},
    )
    refused = ({}, {"size": 0}, {"size": 2, "p": 0.0}, {"size": 2.5}, {"size": [1, 2, 3]})
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(layer: Cutout, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        outputs, key, (tall, wide) = inputs.copy(), int(step.key("cutout")), both(layer.size)
        _, height, width, _ = inputs.shape
        for n in range(len(inputs) if step.training else 0):
            if number_between(key, 3 * n, 0, 1) >= layer.p:
                continue
            top = integer_below(key, 3 * n + 1, height) - tall // 2
            left = integer_below(key, 3 * n + 2, width) - wide // 2
            for row, column in np.ndindex(height, width):
                if 0 <= row - top < tall and 0 <= column - left < wide:
                    outputs[n, row, column] = 0
        return outputs


def test_every_centre_is_equally_likely() -> None:
    """With one pixel hidden it is the centre."""
    hidden = drawn(Cutout(size=1), np.ones((3, 4, 1)), samples=2400) == 0
    assert (hidden.sum(axis=(1, 2, 3)) == 1).all()
    assert np.sum((hidden.sum(axis=0) - 200) ** 2 / 200) < 31.3  # chi squared, 11: 1 in 1000


def test_p_is_the_share_of_what_has_a_hole() -> None:
    is_hidden = (drawn(Cutout(size=3, p=0.2), np.ones((6, 6, 2))) == 0).any(axis=(1, 2, 3))
    assert abs(is_hidden.mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / len(is_hidden))


def test_all_of_an_image_is_refused() -> None:
    with pytest.raises(ShapeError, match="nothing of it would be left") as refusal:
        Cutout(size=8).plan((8, 6, 1), CPU())
    assert refusal.value.help == "give `size: 3`, or less"
    Cutout(size=[8, 5]).plan((8, 6, 1), CPU())
