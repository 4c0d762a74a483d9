"""Every optimizer: PyTorch's numbers, its formula, its bits, and that it gets somewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from nnctl import random
from nnctl.kernels import cpu
from nnctl.kernels.compiler.progress import CompileWatch
from nnctl.optimizers.optimizer import Optimizer
from nnctl.spec import kinds
from tests.support.naive_optimizers import STEPS
from tests.support.threads import threads

with np.load(Path(__file__).parents[1] / "golden" / "optimizers.npz") as file:
    GOLDEN = dict(file)
CASES: list[dict[str, Any]] = json.loads(str(GOLDEN["cases"]))
KINDS = kinds(Optimizer)
every_case = pytest.mark.parametrize("index", range(len(CASES)), ids=[str(case) for case in CASES])
every_kind = pytest.mark.parametrize("kind", KINDS)


def make(**settings: Any) -> Optimizer:
    settings.pop("learning_rate", None)
    return TypeAdapter(KINDS[settings["type"]]).validate_python(settings)


def steps(optimizer: Optimizer, start: NDArray[Any], gradients: NDArray[Any], rate: float) -> list[NDArray[Any]]:
    """The parameters after each step, and at the end the slots; all in the dtype of the start."""
    parameters = start.copy()
    slots = np.zeros((len(optimizer.slots), start.size), start.dtype)
    trace = []
    for step, gradient in enumerate(gradients.astype(start.dtype), 1):
        optimizer.update(parameters, gradient, slots, rate, step, cpu)
        trace.append(parameters.copy())
    return [*trace, slots]


def test_every_kind_has_a_golden_and_a_reference() -> None:
    assert {case["type"] for case in CASES} == set(KINDS) == set(STEPS)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
@every_case
def test_twenty_steps_are_pytorchs(index: int, dtype: type[np.floating], tolerance: float) -> None:
    optimizer, expected = make(**CASES[index]), GOLDEN["traces"][index]
    *trace, slots = steps(optimizer, GOLDEN["start"].astype(dtype), GOLDEN["gradients"], CASES[index]["learning_rate"])
    assert len(trace) == 20
    assert trace[-1].dtype == slots.dtype == dtype
    scale = np.maximum(np.abs(expected), 0.1)  # of parameters that were drawn from N(0, 1)
    assert (np.abs(trace - expected) / scale).max() < tolerance


@every_case
def test_parameters_and_slots_follow_the_formula(index: int) -> None:
    optimizer, rate = make(**CASES[index]), CASES[index]["learning_rate"]
    generator = random.generator(3, "optimizer test")
    expected, gradients = generator.normal(size=1001), generator.normal(size=(5, 1001))
    *trace, slots = steps(optimizer, expected, gradients, rate)
    expected_slots = np.zeros_like(slots)
    for step, gradient in enumerate(gradients, 1):
        naive = STEPS[CASES[index]["type"]]
        expected, expected_slots = naive(optimizer, expected, gradient, expected_slots, rate, step)
        np.testing.assert_allclose(trace[step - 1], expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(slots, expected_slots, rtol=1e-11, atol=1e-12)


@every_case
def test_same_bits_on_any_number_of_threads(index: int) -> None:
    optimizer = make(**CASES[index])
    generator = random.generator(4, "optimizer test")
    start, gradients = generator.normal(size=1003).astype(np.float32), generator.normal(size=(3, 1003))
    found = set()
    for number in (1, 2, 2):
        with threads(number):
            found.add(b"".join(part.tobytes() for part in steps(optimizer, start, gradients, 0.01)))
    assert len(found) == 1


RATES = {"adagrad": 0.5, "adam": 0.05, "adamw": 0.05, "rmsprop": 0.01, "sgd": 0.2}


@every_kind
def test_converges_on_a_quadratic(kind: str) -> None:
    """(p - goal)^T diag(curvature) (p - goal) / 2, in float32."""
    optimizer = make(type=kind, weight_decay=0.0)
    goal = np.array([3.0, -2.0, 0.5, 0.0], np.float32)
    curvature = np.array([1.0, 0.3, 2.0, 4.0], np.float32)
    parameters, slots = np.ones(4, np.float32), np.zeros((len(optimizer.slots), 4), np.float32)
    for step in range(1, 801):
        optimizer.update(parameters, curvature * (parameters - goal), slots, RATES[kind], step, cpu)
    np.testing.assert_allclose(parameters, goal, atol=0.02)


@every_case
def test_later_steps_compile_nothing(index: int) -> None:
    optimizer = make(**CASES[index])
    parameters, slots = np.ones(8, np.float32), np.zeros((len(optimizer.slots), 8), np.float32)
    optimizer.update(parameters, parameters * 0.5, slots, 0.1, 1, cpu)
    with CompileWatch() as watch:
        optimizer.update(parameters, parameters * 0.5, slots, 0.07, 2, cpu)
    assert watch.seconds == 0.0


@every_kind
def test_the_gradients_are_left_alone(kind: str) -> None:
    optimizer = make(type=kind, weight_decay=0.1)
    parameters, gradients = np.ones(8, np.float32), np.arange(8, dtype=np.float32)
    optimizer.update(parameters, gradients, np.zeros((len(optimizer.slots), 8), np.float32), 0.1, 1, cpu)
    np.testing.assert_array_equal(gradients, np.arange(8))


@pytest.mark.parametrize(
    ("kind", "defaults"),
    [
        ("sgd", {"momentum": 0.0, "nesterov": False, "weight_decay": 0.0}),
        ("adam", {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0}),
        ("adamw", {"betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01}),
        ("rmsprop", {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "weight_decay": 0.0}),
        ("adagrad", {"eps": 1e-10, "weight_decay": 0.0}),
    ],
)
def test_the_defaults_are_pytorchs(kind: str, defaults: dict[str, Any]) -> None:
    assert make(type=kind).model_dump(exclude={"type"}) == defaults


@pytest.mark.parametrize(
    "settings",
    [
        {"type": "sgd", "momentum": 1.0},
        {"type": "sgd", "nesterov": True},
        {"type": "sgd", "weight_decay": -0.1},
        {"type": "adam", "betas": [0.9]},
        {"type": "adam", "betas": [0.9, 1.0]},
        {"type": "adam", "betas": [0.9, 0.99, 0.999]},
        {"type": "adamw", "eps": -1e-8},
        {"type": "rmsprop", "alpha": 1.0},
        {"type": "adagrad", "momentum": 0.9},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(**settings)
