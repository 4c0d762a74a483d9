"""Pictures made smaller and larger: whole, their middle, or distorted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nnctl.data.images.resizing import Frame, Resize, resized
from tests.support.drawings import Array, drawing


def made(pixels: Array, height: int, width: int, resize: Resize) -> Array:
    image = Image.fromarray(pixels)
    return np.asarray(resized(image, Frame(height, width, resize, "rgb" if pixels.ndim == 3 else "grey")))


@pytest.mark.parametrize("resize", ["fit", "crop", "stretch"])
def test_the_same_size_is_left_alone(resize: Resize) -> None:
    pixels = drawing("left", 7, 9)
    np.testing.assert_array_equal(made(pixels, 7, 9, resize), pixels)


@pytest.mark.parametrize("resize", ["fit", "crop", "stretch"])
def test_half_the_size_are_averages(resize: Resize) -> None:
    """With a triangle of weights, two pixels wide on either side: on a slope the mean of four is that of two."""
    slope = np.add.outer(np.arange(0, 96, 4), np.arange(0, 128, 4)).astype(np.uint8)
    found = made(slope, 12, 16, resize).astype(float)
    expected = slope.reshape(12, 2, 16, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(found[1:-1, 1:-1], expected[1:-1, 1:-1], atol=1)


def test_fit_leaves_black_around() -> None:
    white = np.full((10, 40), 255, np.uint8)
    found = made(white, 20, 20, "fit")
    np.testing.assert_array_equal(found[:, 0], [0] * 7 + [255] * 5 + [0] * 8)
    assert (found[7:12] == 255).all()
    assert (made(white.T.copy(), 20, 20, "fit") == found.T).all()


def test_crop_takes_the_middle() -> None:
    three = np.repeat(np.array([10, 200, 90], np.uint8), 20)[np.newaxis].repeat(20, axis=0)
    np.testing.assert_array_equal(made(three, 20, 20, "crop"), np.full((20, 20), 200))


def test_stretch_takes_all() -> None:
    three = np.repeat(np.array([10, 200, 90], np.uint8), 20)[np.newaxis].repeat(20, axis=0)
    found = made(three, 20, 30, "stretch")
    np.testing.assert_array_equal(found[0, [3, 15, 26]], [10, 200, 90])


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.sampled_from(["fit", "crop"]))
def test_any_size_becomes_any_other(own: int, wide: int, height: int, width: int, resize: Resize) -> None:
    found = made(np.full((own, wide), 77, np.uint8), height, width, resize)
    assert found.shape == (height, width)
    assert set(np.unique(found)) <= ({77} if resize == "crop" else {0, 77})
    assert (found == 77).any()


def test_what_a_jpeg_is_decoded_for() -> None:
    frame = Frame(20, 30, "fit", "rgb")
    assert frame.least_decoded(is_on_its_side=False) == (60, 40)
    assert frame.least_decoded(is_on_its_side=True) == (40, 60)
