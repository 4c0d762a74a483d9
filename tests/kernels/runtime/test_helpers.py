"""Helpers: a job reaches them asleep or awake, and is alive for as long as one may read it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import weakref
from collections.abc import Callable

import numpy as np
import pytest

from nnctl.kernels.compiler.code import Code, machine_code
from nnctl.kernels.compiler.jit import Array
from nnctl.kernels.compiler.loading import load as load_code
from nnctl.kernels.runtime import helpers
from nnctl.kernels.runtime.atomics import load, relax, store
from nnctl.kernels.runtime.helpers import FINISHED, NEWS, Helper, Job

PATIENCE = 60.0  # seconds after which a helper does not come any more


def _visit(thread: int, threads: int, numbers: Array) -> None:
    """Add 1 to the first number, when the second is not 0 any more."""
    while load(numbers.ctypes.data + 8) == 0:
        relax()
    store(numbers.ctypes.data, load(numbers.ctypes.data) + 1)


@pytest.fixture
def visits() -> Code:
    code = machine_code(_visit, ("int64 1",))
    load_code([helpers.code(), code])
    return code


@pytest.fixture
def helper(visits: Code) -> Helper:
    return Helper(1, visits)


def new_job(visits: Code, *, may_begin: bool = True) -> tuple[Job, Array]:
    numbers = np.array([0, may_begin], np.int64)
    block = np.array([2, numbers.ctypes.data, 2], np.int64)
    return Job(visits, block, block.ctypes.data, (numbers,)), numbers


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.0005)


def test_a_helper_comes_from_its_sleep_each_time(helper: Helper, visits: Code) -> None:
    for _ in range(5):
        until(lambda: helper._box[NEWS] % 2 == 1)
        job, numbers = new_job(visits)
        helper.invite(job)
        until(lambda visited=numbers: visited[0] == 1)  # type: ignore[misc]


def test_jobs_in_a_row_are_all_seen_or_passed_over_for_a_newer_one(helper: Helper, visits: Code) -> None:
    """Also where one is posted at the moment in which the helper goes to sleep."""
    for pause in np.linspace(0, 1e-3, 200):
        job, numbers = new_job(visits)
        end = time.perf_counter() + pause
        while time.perf_counter() < end:
            pass
        helper.invite(job)
    until(lambda: numbers[0] == 1)
    until(lambda: helper._box[FINISHED] == 200)


def test_jobs_live_until_the_helper_has_ended_them(helper: Helper, visits: Code) -> None:
    held, gate = new_job(visits, may_begin=False)
    helper.invite(held)
    waiting, _ = new_job(visits)
    helper.invite(waiting)
    alive = [weakref.ref(job.block) for job in (held, waiting)]
    del held, waiting
    gc.collect()
    assert all(block() is not None for block in alive)
    gate[1] = 1
    until(lambda: helper._box[FINISHED] == 2)
    helper.invite(new_job(visits)[0])
    gc.collect()
    assert all(block() is None for block in alive)


def test_a_forked_process_has_no_helpers_of_its_maker(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnctl.kernels import cpu
    from nnctl.kernels.runtime import program as programs
    from tests.support.threads import threads

    monkeypatch.setattr(programs, "RANGE", 5)
    with threads(2):
        cpu.copy.copy(np.ones(1 << 16), np.zeros(1 << 16))
        assert helpers._helpers
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(write, b"%d" % len(helpers._helpers))
            os._exit(0)
        os.waitpid(child, 0)
    assert os.read(read, 8) == b"0"


def test_a_process_ends_well_while_its_helpers_still_look_for_jobs() -> None:
    program = (
        "import numpy as np; from nnctl.kernels import cpu; from nnctl.kernels.runtime import program, workers\n"
        "program.RANGE = 5; workers.set_threads(3)\n"
        "cpu.copy.copy(np.ones(1 << 16), np.zeros(1 << 16))"
    )
    for _ in range(4):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
