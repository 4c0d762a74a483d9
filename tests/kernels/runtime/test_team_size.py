"""The number of threads: the fastest one soon, for a small part of the time, and not by one bad moment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nnctl.kernels import cpu
from nnctl.kernels.runtime import program as programs
from nnctl.kernels.runtime import workers
from nnctl.kernels.runtime.program import record
from nnctl.kernels.runtime.team_size import TeamSize

Times = Callable[[int, float], float]


class Run:
    """A run of many steps, in which one takes `step_seconds(threads, seconds since the start)`."""

    def __init__(self, most: int, step_seconds: Times) -> None:
        self.size = TeamSize(most)
        self.seconds = 0.0
        self._step_seconds = step_seconds
        self.on: dict[int, float] = {}  # seconds on each number of threads

    def until(self, seconds: float) -> Run:
        while self.seconds < seconds:
            threads, steps = self.size.threads, self.size.steps(1000)
            taken = steps * self._step_seconds(threads, self.seconds)
            self.size.took(steps, taken)
            self.seconds += taken
            self.on[threads] = self.on.get(threads, 0.0) + taken
        return self

    def share(self, threads: int) -> float:
        """Of the time on so many threads."""
        return self.on.get(threads, 0.0) / self.seconds


def halved(threads: int, seconds: float) -> float:
    """Of 100 us on one thread."""
    return 1e-4 / threads


def doubled(threads: int, seconds: float) -> float:
    return 1e-4 * threads


def test_all_threads_are_used_where_they_are_fastest() -> None:
    run = Run(2, halved).until(60)
    assert run.size.threads == 2
    assert run.share(1) < 0.015


def test_trials_of_long_steps_are_as_cheap() -> None:
    run = Run(2, lambda threads, seconds: 0.5 / threads).until(600)
    assert 0 < run.share(1) < 0.025


def test_one_thread_is_used_where_it_is_faster() -> None:
    run = Run(2, doubled).until(0.3)
    assert run.size.threads == 1
    assert run.until(60).share(2) < 0.02


def test_the_best_of_many_threads_is_found() -> None:
    run = Run(64, lambda threads, seconds: 1e-4 * (1 / threads + threads / 144)).until(3)
    assert run.size.threads in (8, 16)
    run = Run(64, lambda threads, seconds: 1e-4 * abs(threads - (4 if seconds < 20 else 16)) + 1e-4).until(20)
    assert run.size.threads == 4
    assert run.until(30).size.threads == 16


def test_never_more_threads_than_there_may_be_are_used() -> None:
    run = Run(
        6, lambda threads, seconds: halved(threads, seconds) if int(seconds) % 40 < 20 else doubled(threads, seconds)
    )
    run.until(100)
    assert 1 in run.on
    assert max(run.on) == 6


def test_a_core_that_is_taken_away_and_comes_back_is_noticed() -> None:
    run = Run(
        2, lambda threads, seconds: halved(threads, seconds) if not 10 < seconds < 20 else doubled(threads, seconds)
    )
    run.until(10)
    assert run.size.threads == 2
    assert run.until(11).size.threads == 1
    assert run.until(20).size.threads == 1
    assert run.until(23).size.threads == 2


def test_one_bad_moment_changes_nothing() -> None:
    """All threads are slow for a moment, and the trial of one thread that follows is faster; the next is not."""
    run = Run(2, halved).until(5)
    size = run.size
    while size.threads == 2:
        slow = size.steps(1000)
        size.took(slow, slow * 1e-3)
    size.took(1000, 1000 * 1e-4)
    run.on.clear()
    assert run.until(6).size.threads == 2
    assert run.share(1) < 0.01


@pytest.mark.parametrize("left", [1, 7])
def test_one_thread_is_nothing_to_choose_from(left: int) -> None:
    size = TeamSize(1)
    size.took(1000, 10.0)
    assert size.steps(left) == left
    assert size.threads == 1


def test_a_program_runs_on_the_number_that_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    class InTurn(TeamSize):
        def steps(self, left: int) -> int:
            return min(left, 3)

        def took(self, steps: int, seconds: float) -> None:
            self.threads = self.threads % 3 + 1

    teams: list[tuple[int, int]] = []

    def run(team: workers.Team, table: np.ndarray) -> int:
        teams.append((team.threads, len(table)))
        return len(table)

    monkeypatch.setattr(programs, "TeamSize", InTurn)
    monkeypatch.setattr(programs, "ALONE", 0)
    monkeypatch.setattr(workers.Team, "run", run)
    workers.set_threads(3)
    try:
        with record() as program:
            cpu.sgd.step(np.zeros(1000), np.zeros(1000), 0.1, 0.0)
        assert program.run(8) == 8
        assert program.run(1) == 1
    finally:
        workers.set_threads(None)
    assert teams == [(3, 3), (1, 3), (2, 2), (3, 1)]


def test_a_short_program_is_for_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(programs, "TeamSize", lambda most: made.append(most) or TeamSize(most))
    with record() as program:
        cpu.sgd.step(np.zeros(10), np.zeros(10), 0.1, 0.0)
    program.run(2)
    assert made == [1]
