"""Every schedule: PyTorch's numbers (golden/schedules.npz, by golden/make_schedules.py), its formula, the warm-up."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from nnctl.schedules.schedule import Schedule
from nnctl.spec import kinds

BASE, EPOCHS, STEPS = 0.3, 10, 7
with np.load(Path(__file__).parents[1] / "golden" / "schedules.npz") as file:
    GOLDEN = dict(file)
KINDS = kinds(Schedule)
CASES: list[dict[str, Any]] = [
    {"type": "constant"},
    {"type": "step", "every": 3, "gamma": 0.4},
    {"type": "exponential", "gamma": 0.9},
    {"type": "cosine"},
    {"type": "cosine", "minimum": 0.1},
]
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def make(case: dict[str, Any], **more: Any) -> Schedule:
    return TypeAdapter(KINDS[case["type"]]).validate_python(case | more)


def rates(schedule: Schedule, epochs: int = EPOCHS, steps: int = STEPS, base: float = BASE) -> NDArray[np.float64]:
    return np.array([schedule.learning_rate(base, step, steps, epochs) for step in range(epochs * steps)])


def test_every_kind_has_a_case() -> None:
    assert {case["type"] for case in CASES} == set(KINDS)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (CASES[0], np.full(EPOCHS * STEPS, BASE)),
        (CASES[1], np.repeat(GOLDEN["step"], STEPS)),
        (CASES[2], np.repeat(GOLDEN["exponential"], STEPS)),
        (CASES[3], GOLDEN["cosine"]),
        (CASES[4], GOLDEN["cosine_to_a_tenth"]),
    ],
    ids=str,
)
def test_the_learning_rates_are_pytorchs(case: dict[str, Any], expected: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(rates(make(case)), expected, rtol=1e-12)


@every_case
def test_the_formula(case: dict[str, Any]) -> None:
    schedule = make(case)
    low = case.get("minimum", 0.0)
    for epoch in (0.0, 0.5, 2.999, 3.0, 6.25, 9.0, 9.99):
        expected = {
            "constant": 1.0,
            "step": 0.4 ** (int(epoch) // 3),
            "exponential": 0.9 ** int(epoch),
            "cosine": low + (1 - low) * math.cos(math.pi * epoch / EPOCHS / 2) ** 2,
        }[case["type"]]
        assert schedule.factor(epoch, EPOCHS) == pytest.approx(expected, rel=1e-12)


@every_case
def test_the_warmup_is_pytorchs_and_the_schedule_follows_it(case: dict[str, Any]) -> None:
    found = rates(make(case, warmup=2.0))
    np.testing.assert_allclose(found[: 2 * STEPS], GOLDEN["warmup"], rtol=1e-12)
    assert found[0] == pytest.approx(BASE / (2 * STEPS))
    assert found[2 * STEPS - 1] == BASE
    np.testing.assert_allclose(found[2 * STEPS :], rates(make(case), epochs=EPOCHS - 2), rtol=1e-12)


@given(case=st.sampled_from(CASES), warmup=st.floats(0, 8), steps=st.integers(1, 50), epochs=st.integers(1, 8))
@settings(deadline=None)
def test_every_learning_rate_is_a_share_of_the_base(
    case: dict[str, Any], warmup: float, steps: int, epochs: int
) -> None:
    found = rates(make(case, warmup=warmup), epochs, steps)
    assert (found > 0).all()
    assert (found <= BASE * (1 + 1e-12)).all()
    peak = int(found.argmax())
    assert (np.diff(found[: peak + 1]) >= 0).all()
    assert (np.diff(found[peak:]) <= 1e-15).all()


@pytest.mark.parametrize("warmup", [0.1, 0.2, 0.3, 0.6, 0.7, 1.1])
def test_after_a_fraction_of_an_epoch_changes_come_on_the_step(warmup: float) -> None:
    """2.1 - 0.1 is a bit less than 2.0 in floating point for some fractions; the step must come all the same."""
    found = rates(make({"type": "exponential", "gamma": 0.5}, warmup=warmup), epochs=9, steps=10, base=1.0)
    first = round(warmup * 10)
    for step in range(first, len(found)):
        assert found[step] == 0.5 ** ((step - first) // 10)


@pytest.mark.parametrize(
    "case",
    [
        {"type": "step"},
        {"type": "step", "every": 0},
        {"type": "step", "every": 1.5},
        {"type": "exponential"},
        {"type": "exponential", "gamma": 0.0},
        {"type": "cosine", "minimum": 1.1},
        {"type": "constant", "warmup": -1.0},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(case)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("warmup", [0.0, 1.5])
def test_many_steps_at_once_are_the_steps_one_by_one(case: dict[str, Any], warmup: float) -> None:
    schedule = make(case, warmup=warmup)
    steps = np.arange(3, 40)
    one_by_one = [schedule.learning_rate(0.3, int(step), 7, 9) for step in steps]
    assert schedule.learning_rates(0.3, steps, 7, 9) == one_by_one
