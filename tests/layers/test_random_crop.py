"""Parts of images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.kernels.device import CPU
from nnctl.layers.operation import Shape, ShapeError, StepContext
from nnctl.layers.random_crop import RandomCrop
from tests.support.image_augmentation import AugmentationCheck, drawn
from tests.support.image_check import check_shape, images, pairs
from tests.support.layer_check import Float64, a_step, build
from tests.support.naive_windows import both
from tests.support.splitmix import integer_below


class TestRandomCrop(AugmentationCheck):
    kind = RandomCrop
    cases = (
        {"inputs": [4, 5, 2], "padding": 2},
        {"inputs": [7, 6, 1], "size": 3, "padding": 0},
        {"inputs": [5, 8, 3], "size": [6, 4], "padding": [1, 2]},
    )
    refused = (
        {},
        {"padding": 0},
        {"size": 3},
        {"size": 0, "padding": 0},
        {"size": 2, "padding": -1},
        {"padding": "same"},
        {"padding": [0, 0]},
    )
    without_pytorch = "it has no such layer"

    @staticmethod
    def reference(layer: RandomCrop, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        key, (above, beside) = int(step.key("random_crop")), both(layer.padding)
        samples, height, width, _ = inputs.shape
        tall, wide = both(layer.size or [height, width])
        padded = np.pad(inputs, ((0, 0), (above, above), (beside, beside), (0, 0)))
        outputs = np.zeros((samples, tall, wide, inputs.shape[3]))
        for n, sample in enumerate(padded):
            rows, columns = height + 2 * above - tall, width + 2 * beside - wide  # that are too many
            top, left = rows // 2, columns // 2
            if step.training:
                top, left = integer_below(key, 2 * n, rows + 1), integer_below(key, 2 * n + 1, columns + 1)
            outputs[n] = sample[top : top + tall, left : left + wide]
        return outputs


@settings(max_examples=30, deadline=None)
@given(shape=images, size=st.none() | pairs, padding=st.integers(0, 3))
def test_any_shape(shape: Shape, size: int | list[int] | None, padding: int) -> None:
    if size is not None or padding:
        check_shape(RandomCrop(size=size, padding=padding), shape, TestRandomCrop.reference)


def test_every_place_is_equally_likely() -> None:
    image = np.arange(12.0).reshape(3, 4, 1)
    first = drawn(RandomCrop(size=[2, 2], padding=0), image, samples=1200)[:, 0, 0, 0]
    numbers, counts = np.unique(first, return_counts=True)
    assert numbers.tolist() == [0, 1, 2, 4, 5, 6]
    assert np.sum((counts - 200) ** 2 / 200) < 20.5  # chi squared, 5: 1 in 1000


def test_evaluation_takes_the_middle() -> None:
    arrays = build(RandomCrop(size=[3, 1], padding=0), (5, 4, 2)).forward(a_step(training=False)).arrays
    np.testing.assert_array_equal(arrays.outputs, arrays.inputs[:, 1:4, 1:2])


@pytest.mark.parametrize(
    ("layer", "what", "remedy"),
    [
        (
            RandomCrop(size=[5, 7], padding=0),
            "size 7 is larger than its inputs' width, 6",
            "give a `size` of 6 or less",
        ),
        (RandomCrop(size=[9, 6], padding=1), "size 9 is larger than its inputs' height, 6 with padding 1", "6 or less"),
        (RandomCrop(padding=6), "some parts would be nothing but padding", "give a `padding` of 5 or less"),
        (RandomCrop(size=1, padding=1), "some parts would be nothing but padding", "give a `padding` of 0 or less"),
    ],
)
def test_what_does_not_fit_is_refused(layer: RandomCrop, what: str, remedy: str) -> None:
    with pytest.raises(ShapeError) as refusal:
        layer.plan((6, 6, 1), CPU())
    assert what in refusal.value.what
    assert remedy in refusal.value.help
