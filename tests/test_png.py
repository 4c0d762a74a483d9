"""PNG files."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.png import png
from tests.support.png import pixels_of


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 3, 1), (4, 7, 3)])
def test_every_pixel_is_written(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(pixels_of(png(pixels)), pixels)
