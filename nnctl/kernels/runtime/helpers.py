"""Threads that help the one that runs a program. They stay: a new thread begins on its maker's core, and it takes
milliseconds until one of them moves."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

Job = Callable[[int], None]


class Helper:
    """number: of the thread in the team, from 1 on, which its jobs get."""

    def __init__(self, number: int) -> None:
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        Thread(target=self._work, args=(number,), name=f"nnctl-{number}", daemon=True).start()

    def invite(self, job: Job) -> None:
        """To the newest job, as soon as it is done with the one before. Nobody waits for it."""
        self._jobs.put(job)

    def _work(self, number: int) -> None:
        while True:
            job = self._jobs.get()
            while not self._jobs.empty():
                job = self._jobs.get()
            job(number)
            del job  # and what it keeps alive


_helpers: list[Helper] = []


def invite(threads: int, job: Job) -> None:
    """Invite as many helpers as make a team of so many threads with the caller."""
    while len(_helpers) < threads - 1:
        _helpers.append(Helper(len(_helpers) + 1))
    for helper in _helpers[: threads - 1]:
        helper.invite(job)
