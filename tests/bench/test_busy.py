"""The process that keeps a core busy, and what it does to the count of what others take."""

from __future__ import annotations

import os
import sys

import pytest

from bench import busy, others
from bench.busy import busy_core
from bench.others import Others

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="affinity is Linux's")


@linux_only
def test_it_spins_on_the_last_core_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(busy, "_processor_seconds", lambda pid: asked.append(pid) or 1.0)
    with busy_core(True) as spent:
        assert spent() == 1.0
        (pid,) = asked
        assert os.sched_getaffinity(pid) == {max(os.sched_getaffinity(0))}
        assert os.getpriority(os.PRIO_PROCESS, pid) == os.getpriority(os.PRIO_PROCESS, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_none_is_started_where_none_is_wanted() -> None:
    with busy_core(False) as spent:
        assert spent() == 0.0


def test_what_is_busy_on_purpose_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    busy_seconds, clock, known = iter([10.0, 14.0]), iter([0.0, 2.0]), iter([5.0, 6.5])
    monkeypatch.setattr(others, "busy_seconds", lambda: next(busy_seconds))
    monkeypatch.setattr(others, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(others, "available_cores", lambda: 2)
    taken = Others(lambda: next(known))
    taken.watch()
    taken.note(own=1.5)
    assert taken.share == (4.0 - 1.5 - 1.5) / (2.0 * 2)
