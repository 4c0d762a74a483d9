"""Threads that help the one that runs a program. They stay: a new thread begins on its maker's core, and it takes
milliseconds until one of them moves.

A helper that has nothing to do looks for a job natively for a moment, since one program often follows another and it
takes some 50 us to wake a thread; then it sleeps. Each has a box of numbers for this:

- NEWS: twice the number of the latest job, plus 1 where the helper sleeps. It changes by compare-and-swap alone, so
  either the helper sees a job before it sleeps, or who posts it sees that the helper sleeps, and wakes it.
- JOB: the address of the latest job's block, stored before its number. A helper that is late takes the newest.
- FINISHED: the number of the latest job that was posted when the helper took one that it has ended. It takes no job up
  to this number again, so until then whoever posts keeps them alive.
- SLEPT: whether the helper slept when a job was posted, for who posted it.
"""

from __future__ import annotations

import atexit
import functools
import os
from collections import deque
from collections.abc import Callable
from ctypes import CFUNCTYPE, PYFUNCTYPE, c_int64, c_void_p
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels.compiler.code import Code, machine_code
from nnctl.kernels.runtime.atomics import SPINS, call, give_way, load, relax, replace, store
from nnctl.memory import zeros

NEWS, JOB, FINISHED, SLEPT = range(4)
_BOX = 16  # numbers of two cache lines, since some processors fetch two at a time
_TURNS = 200  # that other processes are given before a helper sleeps


@dataclass(frozen=True)
class Job:
    """What all threads of a team run: machine code, called with the thread's number, threads and words.

    block: (1 + W,) int64, the number of threads and the words, at this address. alive: the arrays whose addresses are
    in words.
    """

    code: Code
    block: NDArray[np.int64]
    address: int
    alive: Any = field(repr=False)

    def run(self, thread: int) -> None:
        """As one of the threads. Raises what the handler of a signal raises, before it or after it."""
        _released(self.code.address)(thread, int(self.block[0]), self.address + self.block.itemsize)


def _mail(thread: int, code: int, box: int, job: int) -> None:
    """Post a job; where there is none, 0, run those that are posted until none comes for a while.

    code, box: addresses, of what a job runs and of the helper's box.
    """
    news, finished = box + 8 * NEWS, box + 8 * FINISHED
    if job:
        store(box + 8 * JOB, job)
        while True:
            old = load(news)
            if replace(news, old, ((old >> 1) + 1) << 1):
                store(box + 8 * SLEPT, old & 1)
                return
    seen, looks = load(finished), 0
    while True:
        latest = load(news)
        if latest >> 1 != seen:
            seen, looks = latest >> 1, 0
            block = load(box + 8 * JOB)
            call(code, thread, load(block), block + 8)
            store(finished, seen)
            continue
        looks += 1
        if looks < SPINS:
            relax()
        elif looks < SPINS + _TURNS:
            give_way()
        elif replace(news, latest, latest | 1):
            return


@functools.cache
def code() -> Code:
    """Of `_mail`."""
    return machine_code(_mail, ("int64", "int64"))


@functools.cache
def _released(address: int) -> Callable[[int, int, int], None]:
    """Code that runs while other threads run Python."""
    return CFUNCTYPE(None, c_int64, c_int64, c_void_p)(address)


@functools.cache
def _held(address: int) -> Callable[[int, int, int], None]:
    """Code that is over before any other thread runs Python."""
    return PYFUNCTYPE(None, c_int64, c_int64, c_void_p)(address)


class Helper:
    """number: of the thread in each team, from 1 on. jobs: the code that they run."""

    def __init__(self, number: int, jobs: Code) -> None:
        self._box = zeros(_BOX, np.int64)
        self._box[NEWS] = 1
        self._posting = np.array([self._box.ctypes.data, 0], np.int64)
        self._number, self._jobs = number, jobs
        self._posted: deque[tuple[int, Job]] = deque()
        self._lock = Lock()
        self._alarm: SimpleQueue[bool] = SimpleQueue()  # whether to go on
        self._thread = Thread(target=self._work, name=f"nnctl-{number}", daemon=True)
        self._thread.start()

    def invite(self, job: Job) -> None:
        """To this job, as soon as it is done with one before. Nobody waits for it."""
        with self._lock:
            self._posted.append((int(self._box[NEWS] >> 1) + 1, job))
            self._posting[1] = job.address
            _held(code().address)(self._number, self._jobs.address, self._posting.ctypes.data)
            if self._box[SLEPT]:
                self._alarm.put(True)
            while self._posted and self._posted[0][0] <= self._box[FINISHED]:
                self._posted.popleft()

    def end(self) -> None:
        """Let the thread end as soon as it sleeps."""
        self._alarm.put(False)
        self._thread.join(timeout=1.0)  # if its core does not come back, nothing is lost but a clean end

    def _work(self) -> None:
        waiting = np.array([self._box.ctypes.data, 0], np.int64)
        while self._alarm.get():
            _released(code().address)(self._number, self._jobs.address, waiting.ctypes.data)


_helpers: list[Helper] = []
os.register_at_fork(after_in_child=_helpers.clear)  # a process that was forked has none of the threads


@atexit.register
def _end() -> None:
    """Before Python lets go of the memory that the threads read, and of their code."""
    while _helpers:
        _helpers.pop().end()


def invite(threads: int, job: Job) -> None:
    """Invite as many helpers as make a team of so many threads with the caller."""
    while len(_helpers) < threads - 1:
        _helpers.append(Helper(len(_helpers) + 1, job.code))
    for helper in _helpers[: threads - 1]:
        helper.invite(job)
