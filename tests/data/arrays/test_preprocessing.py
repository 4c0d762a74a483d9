"""Preprocessing of arrays against the formula, its way through JSON, and that it learns from training rows alone."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnctl.data.arrays.preprocessing import ROWS, ArrayPreprocessing, default_scale


@pytest.mark.parametrize("shape", [(7,), (4, 3), (2, 3, 2)])
@pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
def test_equals_the_formula(shape: tuple[int, ...], dtype: str) -> None:
    raw = np.random.default_rng(1).uniform(0, 200, (2 * ROWS + 3, *shape)).astype(dtype)
    rows = np.arange(0, len(raw), 2)
    made = ArrayPreprocessing.fit(raw, rows, shape, 3.0, True)
    scaled = raw.astype(np.float64) / 3
    axes = tuple(range(len(shape)))
    expected = (scaled - scaled[rows].mean(axis=axes)) / scaled[rows].std(axis=axes)
    np.testing.assert_allclose(made.transform(raw, None, "float64"), expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_array_equal(
        made.transform(raw, rows, "float32"), made.transform(raw, None, "float64")[rows].astype("f4")
    )


def test_only_the_training_rows_are_learnt_from() -> None:
    raw = np.random.default_rng(2).normal(size=(20, 3))
    rows = np.arange(10)
    made = ArrayPreprocessing.fit(raw, rows, (3,), 1.0, True)
    raw[10:] = 1e9
    assert ArrayPreprocessing.fit(raw, rows, (3,), 1.0, True) == made


def test_constant_columns_are_not_divided_by_zero() -> None:
    raw = np.array([[0.1, 1.0], [0.1, 3.0], [0.1, 5.0]])
    made = ArrayPreprocessing.fit(raw, np.arange(3), (2,), 1.0, True)
    assert made.std[0] == 1.0
    assert made.transform(raw, None, "float64")[:, 0].tolist() == [0, 0, 0]


def test_what_training_saw_is_kept() -> None:
    raw = np.array([[3.0, -1.0], [2.5, 0.0], [900.0, 900.0]])
    made = ArrayPreprocessing.fit(raw, np.arange(2), (2, 1), 2.0, True)
    assert (made.seen, made.raw_shape) == ((-1.0, 3.0), (2,))


def test_numbers_whose_squares_overflow() -> None:
    with pytest.raises(ValueError, match="too large"):
        ArrayPreprocessing.fit(np.array([[1e200], [-1e200]]), np.arange(2), (1,), 1.0, True)


def test_the_result_is_contiguous_and_in_the_given_shape() -> None:
    raw = np.asfortranarray(np.arange(24, dtype=np.uint8).reshape(2, 12))
    out = ArrayPreprocessing((2, 3, 2)).transform(raw, None, "float32")
    assert out.flags.c_contiguous
    np.testing.assert_array_equal(out, np.arange(24).reshape(2, 2, 3, 2))


def test_bytes_of_images_are_divided_by_255() -> None:
    assert default_scale(np.zeros((1, 4, 4), np.uint8), (4, 4)) == 255
    assert default_scale(np.zeros((1, 16), np.uint8), (4, 4, 1)) == 255
    assert default_scale(np.zeros((1, 16), np.uint8), (16,)) == 1
    assert default_scale(np.zeros((1, 4, 4)), (4, 4)) == 1


@settings(deadline=None)
@given(hnp.arrays(np.float64, (5, 2), elements=st.floats(-1e6, 1e6)), st.floats(1e-3, 1e3))
def test_json_keeps_every_bit(raw: np.ndarray[Any, np.dtype[np.float64]], scale: float) -> None:
    made = ArrayPreprocessing.fit(raw, np.arange(5), (2,), scale, True)
    assert ArrayPreprocessing.from_json(json.loads(json.dumps(made.to_json()))) == made


@pytest.mark.parametrize(
    "change",
    [
        {"shape": []},
        {"shape": [0]},
        {"shape": 3},
        {"shape": [2.0]},
        {"scale": 0},
        {"scale": "1"},
        {"scale": float("nan")},
        {"mean": [0.0]},
        {"std": [1.0, 0.0]},
        {"std": [1.0, float("inf")]},
        {"mean": None},
    ],
)
def test_what_is_no_preprocessing_is_refused(change: dict[str, Any]) -> None:
    good = {"shape": [2], "scale": 1.0, "mean": [0.0, 0.0], "std": [1.0, 1.0]}
    assert ArrayPreprocessing.from_json(good).shape == (2,)
    with pytest.raises(ValueError, match="invalid preprocessing"):
        ArrayPreprocessing.from_json({**good, **change})
    with pytest.raises(ValueError, match="invalid preprocessing"):
        ArrayPreprocessing.from_json({key: value for key, value in good.items() if key not in change})


@pytest.mark.parametrize(
    "change",
    [
        {"seen": []},
        {"seen": [0.0]},
        {"seen": [0.0, 1.0, 2.0]},
        {"seen": [0.0, float("nan")]},
        {"seen": [1.0, 0.0]},
        {"seen": 3},
        {"has_lengths": 1},
        {"raw_shape": [0]},
        {"raw_shape": 3},
    ],
)
def test_what_old_checkpoints_do_not_have_is_checked_where_it_is_there(change: dict[str, Any]) -> None:
    old = {"shape": [2], "scale": 1.0, "mean": [], "std": []}
    assert ArrayPreprocessing.from_json(old) == ArrayPreprocessing((2,))
    with pytest.raises(ValueError, match="invalid preprocessing"):
        ArrayPreprocessing.from_json({**old, **change})
