"""What share of the machine others took while a contestant ran: with a few percent, its times say little.

A team of threads is as slow as its slowest: one more busy process on two cores can make a step ten times longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from nnctl.machine import available_cores

NOTEWORTHY = 0.03


class Others:
    """Adds up over epochs. Linux tells; elsewhere `share` is None.

    known: processor seconds so far of a process that is busy on purpose.
    """

    def __init__(self, known: Callable[[], float] = lambda: 0.0) -> None:
        self._known = known
        self._known_before = 0.0
        self._taken = 0.0
        self._there = 0.0
        self._busy: float | None = None
        self._began = 0.0

    def watch(self) -> None:
        """An epoch begins."""
        self._busy, self._known_before, self._began = busy_seconds(), self._known(), perf_counter()

    def note(self, own: float) -> None:
        """The epoch is done. own: processor seconds that the contestant spent on it."""
        busy = busy_seconds()
        if busy is not None and self._busy is not None:
            known = self._known() - self._known_before
            self._taken += max(0.0, busy - self._busy - known - own)
            self._there += (perf_counter() - self._began) * available_cores()

    @property
    def share(self) -> float | None:
        """Of all processor time there was, in 0..1; ticks of 10 ms make it rough below a second."""
        return self._taken / self._there if self._there else None


def busy_seconds() -> float | None:
    """Processor seconds that were not idle since the machine started, other machines' on the same host included."""
    try:
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    idle, waiting = fields[3:5]
    return (sum(fields) - idle - waiting) / os.sysconf("SC_CLK_TCK")
