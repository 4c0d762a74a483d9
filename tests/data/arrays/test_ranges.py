"""Where inputs lie, and what is said of it: pixels that are not scaled, and files in other units than training's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.data.arrays.ranges import ROWS, Range, note_on_difference, note_on_scale, range_of


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "?"])
def test_a_range_is_of_the_chosen_rows(dtype: str) -> None:
    inputs = np.random.default_rng(0).uniform(-90, 90, (2 * ROWS + 3, 4, 2)).astype(dtype)
    rows = np.arange(0, len(inputs), 3)
    found = range_of(inputs, rows, 4, None)
    assert (found.low, found.high) == (inputs[rows].min(), inputs[rows].max())
    assert found.count == len(rows) * 8


def test_padding_does_not_count() -> None:
    inputs = np.array([[5.0, 7.0, 0.0], [6.0, 0.0, 0.0]])
    found = range_of(inputs, np.arange(2), 3, np.array([2, 1]))
    assert (found.low, found.high, found.count) == (5, 7, 3)


@pytest.mark.parametrize(
    ("seen", "dtype", "said"),
    [
        ((0, 255), "f4", "numbers in 0 … 255, and are not scaled: set `scale: 255`"),
        ((3, 250), "f8", "set `scale: 255`"),
        ((0, 65535), "u2", "whole numbers in 0 … 65,535, and are not scaled: set `scale: 65535`"),
        ((0, 255), "i8", "set `scale: 255`"),
        ((0, 16), "i4", "set `scale: 16`"),
        ((0, 4095), "u2", "set `scale: 4095`"),
        ((-128, 127), "i1", "set `scale: 128`"),
        ((0, 100.5), "f4", "numbers in 0 … 100.5, and are not scaled: set `standardize: true`"),
        ((0, 1), "f4", ""),
        ((0, 1), "i8", ""),
        ((-1, 1), "f4", ""),
        ((-4.2, 5.1), "f4", ""),
        ((0, 2), "f4", ""),
    ],
)
def test_pixels_that_are_not_scaled(seen: tuple[float, float], dtype: str, said: str) -> None:
    note = note_on_scale(seen, np.dtype(dtype))
    assert said in note if said else note == ""


BYTES, SHARES, BOTH = (0.0, 255.0), (0.0, 1.0), (-1.0, 1.0)


@pytest.mark.parametrize(
    ("trained", "own", "said"),
    [
        (BYTES, Range(0, 1, 999), "the inputs lie in 0 … 1, in training they lay in 0 … 255"),
        (BYTES, Range(0, 65535, 999), "the inputs lie in 0 … 65,535, in training they lay in 0 … 255"),
        (SHARES, Range(0, 255, 999), "the inputs lie in 0 … 255, in training they lay in 0 … 1"),
        (SHARES, Range(-1, 1, 999), "the inputs lie in -1 … 1, in training they lay in 0 … 1"),
        (BOTH, Range(0, 1, 999), "the inputs lie in 0 … 1, in training they lay in -1 … 1"),
        (BYTES, Range(0, 255, 999), ""),
        (BYTES, Range(12, 101, 999), ""),  # dark pictures
        (SHARES, Range(0, 1.05, 999), ""),
        (BOTH, Range(0, 1, 8), ""),  # too few to tell
        (BYTES, Range(3, 3, 1), ""),
        (BYTES, Range(280, 280, 1), ""),
        (BYTES, Range(281, 281, 1), "in training they lay in 0 … 255"),
        ((5.0, 5.0), Range(5, 5, 999), ""),
        (None, Range(0, 1, 999), ""),
        (BYTES, Range(), ""),
    ],
)
def test_files_in_other_units(trained: Any, own: Range, said: str) -> None:
    note = note_on_difference(trained, own)
    assert said in note if said else note == ""
