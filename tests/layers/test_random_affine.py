"""Images turned, scaled and shifted."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, floor, radians, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.layers.operation import Shape, StepContext
from nnctl.layers.random_affine import RandomAffine
from tests.support.image_augmentation import AugmentationCheck, drawn
from tests.support.image_check import check_shape, images
from tests.support.layer_check import Float64, a_step
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.splitmix import number_between


def numbers(layer: RandomAffine, shape: Shape, step: StepContext, n: int) -> tuple[float, float, float, float]:
    """Angle in radians, scale, and shift in pixels (down, to the right) of a sample."""
    key, (tall, wide) = int(step.key("random_affine")), np.broadcast_to(layer.shift, 2)
    ranges = [
        (-radians(layer.degrees), radians(layer.degrees)),
        tuple(layer.scale),
        (-tall * shape[0], tall * shape[0]),
        (-wide * shape[1], wide * shape[1]),
    ]
    angle, scale, down, right = (number_between(key, 4 * n + k, low, high) for k, (low, high) in enumerate(ranges))
    return angle, scale, down, right


def origin(row: float, column: float, shape: Shape, drawn: tuple[float, float, float, float]) -> tuple[float, float]:
    """Row and column in its image that a pixel comes from: against the shift, the scale and the turn."""
    angle, scale, down, right = drawn
    middle = (shape[0] - 1) / 2, (shape[1] - 1) / 2
    up, across = -(row - middle[0] - down) / scale, (column - middle[1] - right) / scale
    own_up, own_across = cos(angle) * up - sin(angle) * across, sin(angle) * up + cos(angle) * across
    return middle[0] - own_up, middle[1] + own_across


def bilinear(image: Float64, row: float, column: float) -> Float64:
    total = np.zeros(image.shape[2])
    for h in (floor(row), floor(row) + 1):
        for w in (floor(column), floor(column) + 1):
            if 0 <= h < image.shape[0] and 0 <= w < image.shape[1]:
                total += (1 - abs(row - h)) * (1 - abs(column - w)) * image[h, w]
    return total


class TestRandomAffine(PyTorchLayerCheck, AugmentationCheck):
    kind = RandomAffine
    cases = (
        {"inputs": [5, 4, 2], "degrees": 30.0},
        {"inputs": [4, 6, 1], "degrees": 0.0, "scale": [0.5, 1.5]},
        {"inputs": [6, 4, 3], "degrees": 0, "shift": [0.3, 0.2]},
        {"inputs": [5, 5, 1], "degrees": 180, "scale": [0.8, 1.2], "shift": 0.1},
    )
    refused = (
        {},
        {"degrees": -1.0},
        {"degrees": 181.0},
        {"scale": [0.9, 1.1]},
        {"degrees": 0, "scale": [1.0, 1.0], "shift": [0.0, 0.0]},
        {"degrees": 0, "scale": [1.2, 0.8]},
        {"degrees": 0, "scale": [0.0, 1.0]},
        {"degrees": 0, "scale": 1.2},
        {"degrees": 0, "shift": 1.0},
        {"degrees": 10, "shear": 0.1},
    )
    golden = (
        {"inputs": [5, 4, 2], "degrees": 30.0},
        {"inputs": [6, 7, 1], "degrees": 180.0, "scale": [0.7, 1.4], "shift": [0.1, 0.2]},
    )

    @staticmethod
    def reference(
        layer: RandomAffine, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        outputs = inputs.copy()
        for n, sample in enumerate(inputs if step.training else []):
            drawn = numbers(layer, sample.shape, step, n)
            for row, column in np.ndindex(*sample.shape[:2]):
                outputs[n, row, column] = bilinear(sample, *origin(row, column, sample.shape, drawn))
        return outputs

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
        """By a matrix for each sample, from the outputs' places to the inputs', both from -1 to 1."""
        import torch
        from torch.nn import functional

        layer, (samples, _, height, width) = RandomAffine(**settings), inputs.shape
        matrices = torch.zeros(samples, 2, 3, dtype=inputs.dtype)
        for n in range(samples):
            angle, scale, down, right = numbers(layer, (height, width), a_step(), n)
            turn = torch.tensor([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]], dtype=inputs.dtype) / scale
            half = torch.tensor([width / 2, height / 2], dtype=inputs.dtype)
            matrices[n, :, :2] = turn * half / half[:, None]
            matrices[n, :, 2] = -turn @ torch.tensor([right, down], dtype=inputs.dtype) / half
        grid = functional.affine_grid(matrices, list(inputs.shape), align_corners=False)
        return functional.grid_sample(inputs, grid, padding_mode="zeros", align_corners=False)


@settings(max_examples=30, deadline=None)
@given(shape=images, degrees=st.sampled_from([1.0, 180.0]), shift=st.sampled_from([0.0, 0.7]))
def test_any_shape(shape: Shape, degrees: float, shift: float) -> None:
    layer = RandomAffine(degrees=degrees, shift=shift, scale=[0.4, 2.0])
    check_shape(layer, shape, TestRandomAffine.reference)


def test_all_angles_are_equally_likely_and_to_both_sides() -> None:
    """A pixel to the right of the middle goes up where the angle is positive."""
    image = np.zeros((21, 21, 1))
    image[10, 18] = 1
    outputs = drawn(RandomAffine(degrees=90.0), image)[..., 0]
    rows, columns = np.indices((21, 21))
    mass = outputs.sum(axis=(1, 2))
    up, right = (10 - (outputs * rows).sum(axis=(1, 2)) / mass), ((outputs * columns).sum(axis=(1, 2)) / mass - 10)
    angles = np.degrees(np.arctan2(up, right))
    assert -90.5 < angles.min() < -85 < 85 < angles.max() < 90.5
    counts, _ = np.histogram(angles, bins=10, range=(-90.5, 90.5))
    assert np.sum((counts - 100) ** 2 / 100) < 27.9  # chi squared, 9: 1 in 1000


def test_a_scale_of_two_shows_the_middle_twice_as_large() -> None:
    image = np.zeros((9, 9, 1))
    image[3:6, 3:6] = 1
    outputs = drawn(RandomAffine(degrees=0.0, scale=[2.0, 2.0]), image, samples=1)
    assert outputs.sum() == pytest.approx(4 * image.sum())
