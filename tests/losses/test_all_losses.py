"""Every loss: its formula, its gradient, its bits."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from nnctl.losses.loss import Loss
from nnctl.spec import kinds
from tests.support.loss_check import check_loss, evaluate, sample
from tests.support.naive_losses import REFERENCES

CASES: list[dict[str, object]] = [
    {"type": "binary_cross_entropy"},
    {"type": "cross_entropy"},
    {"type": "cross_entropy", "label_smoothing": 0.2},
    {"type": "hinge"},
    {"type": "huber"},
    {"type": "huber", "delta": 0.25},
    {"type": "mae"},
    {"type": "mse"},
    {"type": "squared_error"},
]
KINDS = kinds(Loss)


def make(case: dict[str, object]) -> Loss:
    return TypeAdapter(KINDS[str(case["type"])]).validate_python(case)


def test_every_kind_has_a_case() -> None:
    assert {case["type"] for case in CASES} == set(KINDS) == set(REFERENCES)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (9, 17)], ids=str)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_loss(case: dict[str, object], shape: tuple[int, int]) -> None:
    check_loss(make(case), shape, REFERENCES[str(case["type"])])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_extreme_outputs_stay_finite(case: dict[str, object], dtype: type[np.floating]) -> None:
    loss = make(case)
    outputs, targets = sample(loss, (6, 4), dtype)
    outputs[:] = np.where(outputs > 0, 1e4, -1e4)
    losses, d_outputs = evaluate(loss, outputs, targets)
    assert np.isfinite(losses).all()
    assert np.isfinite(d_outputs).all()
    assert (losses >= 0).all()


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_nan_is_seen(case: dict[str, object], place: int) -> None:
    loss = make(case)
    outputs, targets = sample(loss, (3, 2), np.float32)
    outputs[1, place] = np.nan
    losses, d_outputs = evaluate(loss, outputs, targets)
    np.testing.assert_array_equal(np.isnan(losses), [False, True, False])
    assert np.isfinite(d_outputs[[0, 2]]).all()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_threshold_parts_right_from_wrong(case: dict[str, object]) -> None:
    loss = make(case)
    if loss.targets == "classes":
        return
    expected = 0.0 if loss.takes_logits or case["type"] == "hinge" else 0.5
    assert loss.threshold == expected
    outputs = np.array([[loss.threshold - 0.1], [loss.threshold + 0.1]])
    to_zero, to_one = evaluate(loss, outputs, np.zeros((2, 1)))[0], evaluate(loss, outputs, np.ones((2, 1)))[0]
    assert to_zero[0] < to_one[0]
    assert to_zero[1] > to_one[1]


@pytest.mark.parametrize(
    "case",
    [
        {"type": "cross_entropy", "label_smoothing": 1.0},
        {"type": "cross_entropy", "label_smoothing": -0.1},
        {"type": "huber", "delta": 0.0},
        {"type": "mse", "delta": 1.0},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(case: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        make(case)
