"""Recorded programs: the same numbers as calls one by one, whatever the threads, and nothing after a stop."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.kernels import cpu
from nnctl.kernels.runtime.program import record
from nnctl.kernels.runtime.recording import StepArgument
from tests.support.threads import threads

SAMPLES, WIDTH = 24, 40


def arrays() -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(5)
    a, weight = random.normal(size=(SAMPLES, WIDTH)), random.normal(size=(WIDTH, WIDTH))
    return a, weight, np.zeros((SAMPLES, WIDTH)), np.zeros((WIDTH, WIDTH))


def calls(a: np.ndarray, weight: np.ndarray, outputs: np.ndarray, d_weight: np.ndarray) -> None:
    """Two calls that go on with the samples they have, one that needs all samples, one that goes on with its rows."""
    cpu.matmul.matmul(a, weight, outputs)
    cpu.tanh.forward(outputs.ravel(), a.ravel())
    cpu.matmul.matmul_transposed_a(a, outputs, d_weight)
    cpu.sgd.step(weight.ravel(), d_weight.ravel(), 0.01, 0.0)


def test_a_recorded_call_does_not_run() -> None:
    a, weight, outputs, d_weight = arrays()
    with record(SAMPLES):
        calls(a, weight, outputs, d_weight)
    assert not outputs.any()
    assert not d_weight.any()


@pytest.mark.parametrize("number", [1, 2, 3, 4, 8])
def test_a_program_gives_the_bits_of_its_calls_one_by_one(number: int) -> None:
    one_by_one, recorded = arrays(), arrays()
    for _ in range(50):
        calls(*one_by_one)
    with threads(number):
        with record(SAMPLES) as program:
            calls(*recorded)
        assert program.run(20) + program.run(30) == 50
    for mine, expected in zip(recorded, one_by_one, strict=True):
        assert mine.tobytes() == expected.tobytes()


def test_a_program_without_calls_runs() -> None:
    with record(SAMPLES) as program:
        pass
    assert program.run(3) == 3


def test_calls_that_go_on_with_their_samples_or_rows_are_one_stage() -> None:
    with record(SAMPLES) as program:
        calls(*arrays())
    assert [len(stage.calls) for stage in program.stages] == [2, 2]


@pytest.mark.parametrize(("samples", "items"), [(1, 96), (2, 96), (3, 3), (4, 4)])
def test_fewer_samples_than_threads_are_shared(samples: int, items: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread does a part of a sample, not all of it."""
    monkeypatch.setattr("nnctl.kernels.runtime.workers.available_threads", lambda: 3)
    inputs = np.ones(96)
    with record(samples) as program:
        cpu.relu.forward(inputs, np.zeros_like(inputs))
    assert [stage.items for stage in program.stages] == [items]


def test_elements_that_are_not_just_written_rows_are_a_stage_of_their_own() -> None:
    a, weight, outputs, d_weight = arrays()
    other = d_weight.copy()
    with record(SAMPLES) as program:
        cpu.matmul.matmul_transposed_a(a, outputs, d_weight)
        cpu.sgd.step(weight.ravel(), other.ravel(), 0.01, 0.0)
        cpu.matmul.matmul_transposed_a(a, outputs, d_weight)
        cpu.sgd.step(weight.ravel()[:-1], d_weight.ravel()[:-1], 0.01, 0.0)
        cpu.matmul.matmul_transposed_a(a, outputs, d_weight)
        program.stop_unless_finite(np.ones(1))
        cpu.sgd.step(weight.ravel(), d_weight.ravel(), 0.01, 0.0)
    assert [len(stage.calls) for stage in program.stages] == [1] * 6


def test_step_arguments_are_new_in_every_step() -> None:
    parameters, gradients = np.zeros(1), np.ones(1)
    rate = StepArgument("float64", lambda epoch, steps: [epoch * 10.0**step for step in steps])
    with record() as program:
        cpu.sgd.step(parameters, gradients, rate, 0.0)
    program.run(3, epoch=2, first_step=1)
    assert parameters[0] == -2220.0


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_program_stops_in_the_step_that_breaks_and_nothing_after_it_runs(number: int) -> None:
    """The fourth of ten steps makes an infinity, between calls that are shared among the threads."""
    wide, outputs, state, after = np.zeros((SAMPLES, WIDTH)), np.zeros((SAMPLES, WIDTH)), np.zeros(2), np.zeros(2)
    parameters = np.zeros(1)
    rate = StepArgument("float64", lambda epoch, steps: [np.inf if step == 3 else -1.0 for step in steps])
    with threads(number):
        with record(SAMPLES) as program:
            cpu.tanh.forward(wide.ravel(), outputs.ravel())
            cpu.sgd.step(parameters, np.ones(1), rate, 0.0)
            cpu.gradient_norm.norm(parameters, np.zeros(1), state)
            program.stop_unless_finite(parameters)
            cpu.tanh.forward(outputs.ravel(), wide.ravel())
            cpu.reductions.count_rows(np.array([SAMPLES]), np.zeros(1), after)
        assert program.run(10) == 3
    assert state[1] == pytest.approx(1.0 + 2.0**0.5 + 3.0**0.5)
    assert after[0] == 3 * SAMPLES
