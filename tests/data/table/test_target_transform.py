"""Targets that are transformed, and brought back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import TypeAdapter, ValidationError

from nnctl.data.table.target_transform import Steps, TargetTransform
from nnctl.errors import DataError, Problem
from tests.data.table.test_preprocessing import GOLDEN, TRAIN, of_file
from tests.support.sources import refusal


def problem(row: int, what: str, help: str) -> Problem:
    return Problem(what, file="a.csv", line=row + 2, help=help)


def test_equals_scikit_learn() -> None:
    prices = of_file("ames", "Sale_Price").values[:, None]
    made = TargetTransform.fit(prices, np.arange(TRAIN["ames"]), ["log", "standard"], problem)
    found = made.transform(prices, problem)
    np.testing.assert_allclose(found, GOLDEN["log_prices"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(made.inverse_transform(found), prices, rtol=1e-12)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [([], [[1.0], [8.0]]), (["log"], np.log([[1.0], [8.0]])), (["standard"], [[-1.0], [1.0]])],
)
def test_each_step_by_itself(steps: list[Any], expected: Any) -> None:
    values = np.array([[1.0], [8.0]])
    made = TargetTransform.fit(values, np.arange(2), steps, problem)
    np.testing.assert_allclose(made.transform(values, problem), expected, rtol=1e-15)


@settings(deadline=None)
@given(
    hnp.arrays(np.float64, (6, 2), elements=st.floats(1e-3, 1e6)),
    st.sampled_from([[], ["log"], ["standard"], ["log", "standard"]]),
)
def test_there_and_back(values: Any, steps: list[Any]) -> None:
    made = TargetTransform.fit(values, np.arange(4), steps, problem)
    np.testing.assert_allclose(made.inverse_transform(made.transform(values, problem)), values, rtol=1e-6, atol=1e-6)
    assert TargetTransform.from_json(json.loads(json.dumps(made.to_json()))) == made
    changed = values.copy()
    changed[4:] *= 3
    assert TargetTransform.fit(changed, np.arange(4), steps, problem) == made


def test_constant_targets_are_not_divided_by_zero() -> None:
    made = TargetTransform.fit(np.full((3, 1), 0.1), np.arange(3), ["standard"], problem)
    assert (made.mean, made.std) == ((0.1,), (1.0,))


def test_outputs_that_are_too_large_become_infinite() -> None:
    made = TargetTransform(log=True, mean=(0.0,), std=(1.0,))
    assert made.inverse_transform(np.array([[1e4], [0.0]], np.float32)).tolist() == [[np.inf], [1.0]]


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_what_has_no_logarithm_is_refused_with_its_row(value: float) -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, value]])
    with pytest.raises(DataError) as caught:
        TargetTransform.fit(values, np.array([0, 2]), ["log"], problem)
    message = f"a.csv:4: target 2 is {value:g}, which has no logarithm help: leave `log` out of `target_transform`"
    assert refusal(caught) == message
    made = TargetTransform.fit(values, np.array([0, 1]), ["log"], problem)
    with pytest.raises(DataError, match="target 2 is"):
        made.transform(values, problem)
    with pytest.raises(DataError, match="the target is"):
        TargetTransform.fit(values[:, 1:], np.array([2]), ["log"], problem)


def test_values_too_large() -> None:
    with pytest.raises(DataError) as caught:
        TargetTransform.fit(np.array([[1.0], [1e200]]), np.arange(2), ["standard"], problem)
    assert "a.csv:3: the targets are too large" in refusal(caught)


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        ("none", []),
        ("log", ["log"]),
        ([], []),
        (["standard"], ["standard"]),
        (["log", "standard"], ["log", "standard"]),
    ],
)
def test_steps_as_a_config_has_them(value: Any, steps: list[str]) -> None:
    assert TypeAdapter(Steps).validate_python(value) == steps


@pytest.mark.parametrize("value", [["standard", "log"], ["log", "log"], "log1p", ["none"], 3, {}])
def test_what_are_no_steps(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Steps).validate_python(value)


@pytest.mark.parametrize(
    "change",
    [
        {"log": 1},
        {"mean": []},
        {"mean": [0.0, 0.0]},
        {"mean": ["0"]},
        {"std": [0.0]},
        {"std": [float("nan")]},
        {"std": None},
        {"more": 1},
    ],
)
def test_what_is_no_transform_is_refused(change: dict[str, Any]) -> None:
    good = TargetTransform(log=True, mean=(0.0,), std=(1.0,)).to_json()
    with pytest.raises(ValueError, match="invalid target transform"):
        TargetTransform.from_json({**good, **change})


def logs(values: Any, steps: Any = ("log", "standard")) -> TargetTransform:
    column = np.array(values, np.float64).reshape(len(values), -1)
    return TargetTransform.fit(column, np.arange(len(column)), list(steps), lambda row, what, help: Problem(what))


@pytest.mark.parametrize("steps", [["log", "standard"], ["log"]])
@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([1, 100], 0.1, 1000),  # half the width, in logarithms, on either side
        ([1, 10_000, 5], 0.01, 1e6),
        ([50, 60], 25, 120),  # at least a factor of 2
        ([7, 7], 3.5, 14),
    ],
)
def test_outputs_are_limited_to_what_training_supports(
    steps: list[Any], values: list[float], low: float, high: float
) -> None:
    made = logs(values, steps)
    own = np.array([[low / 2], [low * 1.01], [high / 1.01], [high * 1e9]])
    outputs = made.transform(own, lambda row, what, help: Problem(what))
    assert made.limit(outputs).tolist() == [True, False, False, True]
    np.testing.assert_allclose(made.inverse_transform(outputs)[:, 0], [low, low * 1.01, high / 1.01, high], rtol=1e-12)


def test_a_row_counts_once_and_infinite_outputs_are_limited_but_not_nan() -> None:
    made = logs([[1, 2], [100, 200]])
    outputs = np.array([[np.inf, -np.inf], [0, 1e30], [0, 0], [np.nan, 0]], np.float32)
    assert made.limit(outputs).tolist() == [True, True, False, False]
    assert np.isfinite(outputs[:3]).all()
    assert np.isnan(outputs[3, 0])
    note = made.limit_note(2, 4, ["price", "rent"])
    assert note == (
        "2 of the 4 predictions lie far beyond the targets that training saw and are clipped: "
        "price to 0.1 … 1,000, rent to 0.2 … 2,000"
    )
    assert "1 of the 9 predictions lies far beyond" in made.limit_note(1, 9, ["price", "rent"])


def test_without_a_logarithm_or_what_training_saw_nothing_is_limited() -> None:
    old = {key: value for key, value in logs([1, 2]).to_json().items() if key not in ("least", "largest")}
    for made in (logs([1, 2], ["standard"]), TargetTransform.from_json(old)):
        outputs = np.array([[1e30], [-1e30]])
        assert made.limits() is None
        assert not made.limit(outputs).any()
        assert outputs.tolist() == [[1e30], [-1e30]]


def test_limits_go_through_json_and_must_fit() -> None:
    made = logs([1, 2])
    assert TargetTransform.from_json(made.to_json()) == made
    with pytest.raises(ValueError, match="do not fit together"):
        TargetTransform.from_json(made.to_json() | {"least": [1.0, 2.0]})
