"""Threads that run a program together, without waiting for one that is late.

A stage is a row of calls made on ranges of items. A thread claims a range, runs it, and counts it as done; a stage
begins when all ranges before it are done, whoever did them. So a thread whose core is taken away holds up the others
for the range that it is in, if any, and does nothing twice when it comes back. A range is computed by the same code
whoever does it, so the bits do not depend on the threads.

All ranges that a team ever runs are numbered in the order of stages, from one run to the next: a stage with R ranges
has the numbers from `at` to `at + R`. The state is two counters a thread that only grow:

- CLAIMED, of the thread's share in the latest stage that anyone claimed from there: `at`, plus the ranges taken of it.
  A claim is a compare-and-swap, which sees the latest value. A stage that is over has been claimed whole, so a thread
  that is late finds in each counter that its share is gone, or the higher number of a later stage, never a range to
  take.
- DONE, ranges that the thread has run, stored by it alone, with release, after it ran them. Who reads with acquire
  counters that sum up to `at` sees what was written in all stages before `at`: no range from `at` on is claimed before
  that, and who ran one had read the same of the others, so that what it wrote comes after theirs for every reader.
  This orders all memory that kernels share, on Arm as on x86; claims need not.

The caller returns when all ranges are done: from then on no thread claims any. A late one may still read the counters
and the tables, which its job keeps alive, and finds that there is nothing to do.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from nnctl import machine
from nnctl.kernels.compiler import cache
from nnctl.kernels.compiler.code import Code, machine_code
from nnctl.kernels.compiler.jit import Array, compiled
from nnctl.kernels.runtime.atomics import SPINS, call, give_way, load, relax, replace, store
from nnctl.kernels.runtime.helpers import Job, invite
from nnctl.kernels.runtime.small_numbers import flush, restore
from nnctl.memory import zeros

# a row of the table of stages
FIRST_CALL, LAST_CALL, ITEMS, RANGES, STOPS = range(STAGE := 5)
# a row of the table of calls; STOP: the address of a number that ends the program after the call if it is not finite
CODE, WORDS, SCALE, CALL_ITEMS, STOP = range(CALL := 5)
# the counters of a thread, alone in two cache lines, since some processors fetch two at a time
_CLAIMED, _DONE, _LINE = 0, 1, 16
# of a run: the number of its first range, how many steps it makes, and when it is over the number of the next range
FIRST_RANGE, STEPS, NEXT_RANGE = range(3)
_NOT_FINITE = 0x7FF << 52  # these bits of a float64 are set where it is NaN or infinite


@functools.cache
def available_threads() -> int:
    """Threads to use when nobody says: `NUMBA_NUM_THREADS`, else the cores that this process can use."""
    return cache.asked_threads() or machine.available_cores()


def threads() -> int:
    """How many threads kernels run on."""
    return _number or available_threads()


def set_threads(number: int | None) -> int:
    """Run kernels on this many threads from now on; None: as many as are available. Returns the number.

    The results do not depend on it.
    """
    global _number
    _number = number
    return threads()


_number: int | None = None


@compiled
def _wait(counters: int, threads: int, number: int) -> int:
    """Wait until so many ranges are done; returns how many are."""
    looks = 0
    while True:
        done = 0
        for thread in range(threads):
            done += load(counters + 8 * (_LINE * thread + _DONE))
        if done >= number:
            return done
        looks += 1
        if looks < SPINS:
            relax()
        else:
            give_way()


@compiled
def _claim(counter: int, at: int, share: int) -> int:
    """Take a range of a share in the stage at `at`; returns which, or a number beyond them if none is left."""
    while True:
        claimed = load(counter)
        taken: int = max(claimed - at, 0)
        if taken >= share or replace(counter, claimed, at + taken + 1):
            return taken


@compiled
def _range(stage: Array, calls: Array, number: int) -> bool:
    """Run a stage's calls on one of its ranges; returns whether they end the program."""
    begin, end = 0, stage[ITEMS]
    if stage[RANGES] > 1:
        begin, end = number * end // stage[RANGES], (number + 1) * end // stage[RANGES]
    for row in range(stage[FIRST_CALL], stage[LAST_CALL]):
        last_item = min(end * calls[row, SCALE], calls[row, CALL_ITEMS])
        call(calls[row, CODE], begin * calls[row, SCALE], last_item, calls[row, WORDS])
        if calls[row, STOP] and load(calls[row, STOP]) & _NOT_FINITE == _NOT_FINITE:
            return True
    return False


@compiled
def _open(step_arguments: Array, table: Array, step: int) -> None:
    for column in range(step_arguments.size):
        store(step_arguments[column], table[step, column])


@compiled
def _alone(stages: Array, calls: Array, step_arguments: Array, run: Array, table: Array) -> None:
    """`_execute` on one thread."""
    for step in range(table.shape[0]):
        _open(step_arguments, table, step)
        for number in range(stages.shape[0]):
            for index in range(stages[number, RANGES]):
                if _range(stages[number], calls, index):
                    run[STEPS] = step
                    return


@compiled
def _together(
    thread: int,
    threads: int,
    stages: Array,
    calls: Array,
    step_arguments: Array,
    counters: int,
    run: Array,
    table: Array,
) -> None:
    """`_execute` on one thread of several. counters: their address."""
    rows = stages.shape[0]
    own, steps = counters + 8 * (_LINE * thread + _DONE), run.ctypes.data + 8 * STEPS
    mine = load(own)
    at = run[FIRST_RANGE] + 1  # the caller's, which opens the first step: nothing runs before it is here
    if thread == 0:
        _open(step_arguments, table, 0)
        mine += 1
        store(own, mine)
    done = _wait(counters, threads, at)
    for step in range(load(steps)):
        for number in range(rows):
            stage = stages[number]
            ranges, ran = stage[RANGES], 0
            if done < at:
                done = _wait(counters, threads, at)
            if done < at + ranges:
                for ahead in range(threads):
                    owner = (thread + ahead) % threads
                    first = (owner * ranges + threads - 1) // threads
                    share = ((owner + 1) * ranges + threads - 1) // threads - first
                    counter = counters + 8 * (_LINE * owner + _CLAIMED)
                    taken = _claim(counter, at, share)
                    while taken < share:
                        if _range(stage, calls, first + taken):
                            store(steps, step)
                        elif number == rows - 1 and step + 1 < table.shape[0]:
                            _open(step_arguments, table, step + 1)
                        ran += 1
                        taken = _claim(counter, at, share)
                if ran:
                    mine += ran
                    store(own, mine)
            at += ranges
            if stage[STOPS]:
                done = _wait(counters, threads, at)
                if load(steps) <= step:
                    if thread == 0:
                        run[NEXT_RANGE] = at
                    return
    if thread == 0:
        run[NEXT_RANGE] = _wait(counters, threads, at)


def _execute(
    thread: int,
    threads: int,
    stages: Array,
    calls: Array,
    step_arguments: Array,
    counters: Array,
    run: Array,
    table: Array,
) -> None:
    """What each thread runs: all stages, once for each row of the table.

    step_arguments: (V,) addresses that get the columns of the table, (steps, V), before each step; where there are any
    and several threads, the last stage has one range, and who runs it opens the next step. run: FIRST_RANGE, STEPS,
    lowered to the steps that came to their end where the program is stopped, and NEXT_RANGE, which is told of several.
    """
    before = flush()
    if threads == 1:
        _alone(stages, calls, step_arguments, run, table)
    else:
        _together(thread, threads, stages, calls, step_arguments, counters.ctypes.data, run, table)
    restore(before)


class Team:
    """So many threads with a program. tables: stages, calls and step_arguments, as `_execute` takes them."""

    def __init__(self, tables: Sequence[Array], threads: int) -> None:
        self.threads = threads
        self._counters = zeros(threads * _LINE, np.int64)
        self._arrays = (*tables, self._counters)
        words = [word for array in self._arrays for word in (array.ctypes.data, *array.shape)]
        self._block = np.array([threads, *words, *[0] * _OF_RUN], np.int64)
        self._alone = self._job() if threads == 1 else None
        self._next_range = 0

    def run(self, table: Array) -> int:
        """Run a step for each row of the table; returns how many came to their end."""
        job = self._alone or self._job(table)
        block, steps = job.block, len(table)
        block[_RUN + FIRST_RANGE] = self._next_range
        block[_RUN + STEPS] = steps
        block[_TABLE + 1], block[_TABLE + 2] = table.shape
        if table.size:
            block[_TABLE] = table.ctypes.data
        try:
            if self.threads > 1:
                invite(self.threads, job)
            job.run(0)
        except BaseException:  # from a signal's handler: those who are invited must not wait for the first step
            block[_RUN + STEPS] = 0
            job.run(0)
            self._next_range = int(self._counters[_DONE::_LINE].sum())  # one more where it was over
            raise
        self._next_range = int(block[_RUN + NEXT_RANGE])
        return int(block[_RUN + STEPS])

    def _job(self, table: Array | None = None) -> Job:
        """A job of its own for each run on several threads, of which one may be late; the arrays of `run` are in it."""
        block = self._block.copy()
        address = block.ctypes.data
        block[_TABLE - 2 : _TABLE] = address + block.itemsize * (len(block) + _RUN), -_RUN
        return Job(code(), block, address, (self._arrays, table))


# the last numbers of a job's block: the arguments run and table, an array as its address and shape, and what is in run
_OF_RUN, _TABLE, _RUN = 8, -6, -3


@functools.cache
def code() -> Code:
    """What each thread runs."""
    return machine_code(_execute, ("int64 2", "int64 2", "int64 1", "int64 1", "int64 1", "int64 2"))
