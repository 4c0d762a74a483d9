"""Teams of threads: every range runs once, whoever comes, however late, and whatever else runs in between."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest

from nnctl.kernels import cpu
from nnctl.kernels.runtime import helpers, workers
from nnctl.kernels.runtime import program as programs
from nnctl.kernels.runtime.program import Program, record
from nnctl.kernels.runtime.recording import StepArgument
from tests.support.threads import threads

Job = helpers.Job
WIDTH = 256


@pytest.fixture(autouse=True)
def short_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several for each thread."""
    monkeypatch.setattr(programs, "RANGE", 5)


def counting(stops_at: int | None = None, stages: int = 12) -> tuple[Program, np.ndarray]:
    """A program of short stages, of many ranges and of one in turn, each of which adds the number of the step to its
    counts, so that a range which ran twice, too early or not at all leaves a wrong number. stops_at: the step, from 0,
    that ends it in the middle. The last row is of the number by which it ends.
    """
    rate = StepArgument("float64", lambda epoch, steps: -1.0 - steps)
    broken = StepArgument("float64", lambda epoch, steps: np.where(steps == stops_at, np.inf, 1.0))
    counts = np.zeros((stages + 1, WIDTH))
    number = counts[-1, :1]
    with record() as program:
        for stage in range(stages):
            counted = counts[stage] if stage % 2 else counts[stage, :1]
            added = np.ones(WIDTH) if stage < 2 else counts[stage - 1 - stage % 2]
            cpu.sgd.step(counted, added[: len(counted)], rate, 0.0)
            if stage == stages // 2:
                cpu.sgd.step(number, np.ones(1), broken, 0.0)
                program.stop_unless_finite(number)
    return program, counts


def expected(steps: int) -> bytes:
    with threads(1):
        program, counts = counting()
        program.run(steps)
    return counts.tobytes()


@pytest.mark.parametrize("number", [2, 3, 4, 8])
def test_many_short_stages_give_the_bits_of_one_thread(number: int) -> None:
    with threads(number):
        program, counts = counting()
        for first in range(0, 60_000, 20_000):
            assert program.run(20_000, first_step=first) == 20_000
    assert counts.tobytes() == expected(60_000)


@pytest.mark.parametrize("number", [2, 3, 8])
def test_a_program_that_stops_many_times_gives_the_bits_of_one_thread(number: int) -> None:
    """A helper that is late for a run which was stopped meets the next one."""
    for _ in range(20):
        with threads(number):
            program, counts = counting(stops_at=3)
            assert program.run(8) == 3
            counts[-1] = 0
            assert program.run(8) == 3
        assert counts.tobytes() == stopped_twice()


def stopped_twice() -> bytes:
    with threads(1):
        program, counts = counting(stops_at=3)
        program.run(8)
        counts[-1] = 0
        program.run(8)
    return counts.tobytes()


@pytest.mark.parametrize("number", [2, 5])
def test_two_programs_in_turn_share_their_helpers(number: int) -> None:
    with threads(number):
        (one, counts), (other, other_counts) = counting(), counting(stages=6)
        for step in range(50):
            assert one.run(1, first_step=step) == other.run(1, first_step=step) == 1
    assert counts.tobytes() == expected(50)
    assert other_counts[:5].tobytes() == counts[:5].tobytes()


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs of helpers that do not come."""
    invited: list[Job] = []
    monkeypatch.setattr(workers, "invite", lambda threads, job: invited.append(job))
    return invited


def test_nobody_is_waited_for(jobs: list[Job]) -> None:
    with threads(4):
        program, counts = counting()
        assert program.run(30) == 30
    assert len(jobs) == 1
    assert counts.tobytes() == expected(30)


def test_who_comes_when_all_is_over_does_nothing(jobs: list[Job]) -> None:
    with threads(3):
        program, counts = counting()
        program.run(20)
        program.run(20, first_step=20)
        for job in jobs:
            job.run(1)
            job.run(2)
        program.run(20, first_step=40)
    assert counts.tobytes() == expected(60)


def test_who_comes_after_a_stop_does_nothing(jobs: list[Job]) -> None:
    """Not even where its run, had it gone on, had ranges of the same numbers as a later one."""
    with threads(2):
        program, counts = counting(stops_at=3)
        assert program.run(8) == 3
        jobs[0].run(1)
        counts[-1] = 0
        assert program.run(8) == 3
        jobs[0].run(1)
        jobs[1].run(1)
    assert counts.tobytes() == stopped_twice()


def test_whoever_is_invited_goes_home_if_a_signal_comes_before_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    invited: list[Thread] = []

    def interrupted(threads: int, job: Job) -> None:
        invited.append(Thread(target=job.run, args=(1,), daemon=True))
        invited[0].start()
        raise KeyboardInterrupt

    with threads(2):
        program, counts = counting()
        with monkeypatch.context() as patched:
            patched.setattr(workers, "invite", interrupted)
            with pytest.raises(KeyboardInterrupt):
                program.run(10)
        invited[0].join(timeout=60)
        assert not invited[0].is_alive()
        assert not counts.any()
        assert program.run(10) == 10
    assert counts.tobytes() == expected(10)
