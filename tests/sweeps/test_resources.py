"""How the machine is shared out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.errors import UsageError
from nnctl.sweeps import resources as module
from nnctl.sweeps.resources import PROCESS, Resources, allocate, refuse_too_many_threads

GB = 2**30


def on(cores: int, free: int, *asked: int | None, most: int = 100, memory: int = 0) -> Resources:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "available_cores", lambda: cores)
        patch.setattr(module, "available_memory", lambda: free)
        workers, threads = asked
        refuse_too_many_threads(workers, threads)
        return allocate(workers, threads, most, memory)


@given(
    cores=st.integers(1, 64),
    workers=st.none() | st.integers(1, 100),
    threads=st.none() | st.integers(1, 100),
    most=st.integers(1, 20),
    memory=st.integers(0, GB),
    free=st.integers(0, 16 * GB),
)
def test_no_more_than_there_is(
    cores: int, workers: int | None, threads: int | None, most: int, memory: int, free: int
) -> None:
    try:
        found = on(cores, free, workers, threads, most=most, memory=memory)
    except UsageError:
        assert threads is not None
        assert (workers or 1) * threads > cores
        return
    assert found.workers * found.threads <= cores
    assert 1 <= found.workers <= most
    assert found.workers == 1 or found.workers * (memory + PROCESS) <= free
    assert threads in (None, found.threads)


def test_all_cores_are_used() -> None:
    assert on(8, 64 * GB, None, None) == Resources(8, 1, 8 * PROCESS)
    assert on(8, 64 * GB, 2, None) == Resources(2, 4, 2 * PROCESS)
    assert on(8, 64 * GB, None, 2) == Resources(4, 2, 4 * PROCESS)
    assert on(8, 64 * GB, None, None, most=3) == Resources(3, 2, 3 * PROCESS)


def test_what_is_told() -> None:
    assert on(2, 64 * GB, 3, None).notes == ("there are 2 cores: 2 workers, not 3",)
    assert on(1, 64 * GB, 2, None).notes == ("there is 1 core: 1 worker, not 2",)
    (note,) = on(4, 4 * GB, None, None, memory=2 * GB).notes
    assert note == "a trial takes 2.15 GB of memory, 4 GB are free: 1 worker, not 4"
