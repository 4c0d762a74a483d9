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
import platform
from collections.abc import Callable, Sequence
from ctypes import CFUNCTYPE, c_int64, c_void_p
from typing import Any

import numpy as np

from nnctl import machine
from nnctl.kernels.compiler import cache
from nnctl.kernels.compiler.code import Code, machine_code
from nnctl.kernels.compiler.emitted import emitted
from nnctl.kernels.compiler.jit import Array, cgutils, compiled, int64, ir
from nnctl.kernels.runtime.helpers import invite
from nnctl.memory import zeros

# a row of the table of stages
FIRST_CALL, LAST_CALL, ITEMS, RANGES, STOPS = range(STAGE := 5)
# a row of the table of calls; STOP: the address of a number that ends the program after the call if it is not finite
CODE, WORDS, SCALE, CALL_ITEMS, STOP = range(CALL := 5)
# the counters of a thread, alone in two cache lines, since some processors fetch two at a time
_CLAIMED, _DONE, _LINE = 0, 1, 16
# of a run: the number of its first range, and how many steps it makes
FIRST_RANGE, STEPS = range(2)
_NOT_FINITE = 0x7FF << 52  # these bits of a float64 are set where it is NaN or infinite
_SPINS = 2000  # looks at the counters before other processes are let go first: some 50 us


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


def _place(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, int64().as_pointer())


@emitted()
def _call(builder: Any, code: Any, begin: Any, end: Any, words: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [int64(), int64(), int64().as_pointer()])
    builder.call(builder.inttoptr(code, kind.as_pointer()), [begin, end, _place(builder, words)])


@emitted()
def _relax(builder: Any) -> None:
    """Tell the core that it waits in a loop."""
    machine = platform.machine().lower()
    if machine in ("x86_64", "amd64"):
        kind = ir.FunctionType(ir.VoidType(), [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
    elif machine in ("arm64", "aarch64"):  # its instruction for this, yield, does nothing on most processors
        whole = ir.Constant(ir.IntType(32), 15)
        kind = ir.FunctionType(ir.VoidType(), [whole.type])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.aarch64.isb"), [whole])


@emitted()
def _give_way(builder: Any) -> None:
    kind = ir.FunctionType(ir.IntType(32), [])
    builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])


@emitted("boolean")
def _replace(builder: Any, at: Any, old: Any, new: Any) -> Any:
    """Store a new value where the old one is; returns whether it was there."""
    return builder.extract_value(builder.cmpxchg(_place(builder, at), old, new, "acq_rel", "acquire"), 1)


@emitted("intp")
def _load(builder: Any, at: Any) -> Any:
    return builder.load_atomic(_place(builder, at), "acquire", 8)


@emitted()
def _store(builder: Any, at: Any, value: Any) -> None:
    builder.store_atomic(value, _place(builder, at), "release", 8)


@compiled
def _wait(counters: int, threads: int, number: int) -> int:
    """Wait until so many ranges are done; returns how many are."""
    looks = 0
    while True:
        done = 0
        for thread in range(threads):
            done += _load(counters + 8 * (_LINE * thread + _DONE))
        if done >= number:
            return done
        looks += 1
        if looks < _SPINS:
            _relax()
        else:
            _give_way()


@compiled
def _claim(counter: int, at: int, share: int) -> int:
    """Take a range of a share in the stage at `at`; returns which, or a number beyond them if none is left."""
    while True:
        claimed = _load(counter)
        taken: int = max(claimed - at, 0)
        if taken >= share or _replace(counter, claimed, at + taken + 1):
            return taken


@compiled
def _range(stage: Array, calls: Array, number: int) -> bool:
    """Run a stage's calls on one of its ranges; returns whether they end the program."""
    begin, end = 0, stage[ITEMS]
    if stage[RANGES] > 1:
        begin, end = number * end // stage[RANGES], (number + 1) * end // stage[RANGES]
    for call in range(stage[FIRST_CALL], stage[LAST_CALL]):
        last_item = min(end * calls[call, SCALE], calls[call, CALL_ITEMS])
        _call(calls[call, CODE], begin * calls[call, SCALE], last_item, calls[call, WORDS])
        if calls[call, STOP] and _load(calls[call, STOP]) & _NOT_FINITE == _NOT_FINITE:
            return True
    return False


@compiled
def _open(step_arguments: Array, table: Array, step: int) -> None:
    for column in range(step_arguments.size):
        _store(step_arguments[column], table[step, column])


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
    mine = _load(own)
    at = run[FIRST_RANGE] + 1  # the caller's, which opens the first step: nothing runs before it is here
    if thread == 0:
        _open(step_arguments, table, 0)
        mine += 1
        _store(own, mine)
    done = _wait(counters, threads, at)
    for step in range(_load(steps)):
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
                            _store(steps, step)
                        elif number == rows - 1 and step + 1 < table.shape[0]:
                            _open(step_arguments, table, step + 1)
                        ran += 1
                        taken = _claim(counter, at, share)
                if ran:
                    mine += ran
                    _store(own, mine)
            at += ranges
            if stage[STOPS]:
                done = _wait(counters, threads, at)
                if _load(steps) <= step:
                    return
    if thread == 0:
        _wait(counters, threads, at)


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
    and several threads, the last stage has one range, and who runs it opens the next step. run: FIRST_RANGE and STEPS,
    the latter lowered to the steps that came to their end where the program is stopped.
    """
    if threads == 1:
        _alone(stages, calls, step_arguments, run, table)
    else:
        _together(thread, threads, stages, calls, step_arguments, counters.ctypes.data, run, table)


class Team:
    """So many threads with a program. tables: stages, calls and step_arguments, as `_execute` takes them."""

    def __init__(self, tables: Sequence[Array], threads: int) -> None:
        self.threads = threads
        self._counters = zeros(threads * _LINE, np.int64)
        self._arrays = (*tables, self._counters)
        self._words = [word for array in self._arrays for word in _words(array)]

    def run(self, table: Array) -> int:
        """Run a step for each row of the table; returns how many came to their end."""
        first_range = self._counters[_DONE::_LINE].sum() if self.threads > 1 else 0
        run = np.array([first_range, len(table)], np.int64)
        words = np.array([*self._words, *_words(run), *_words(table)], np.int64)
        job = functools.partial(_run, (self._arrays, run, table), words, self.threads)
        try:
            if self.threads > 1:
                invite(self.threads, job)
            job(0)
        except BaseException:  # from a signal's handler: those who are invited must not wait for the first step
            run[STEPS] = 0
            job(0)
            raise
        return int(run[STEPS])


def _words(array: Array) -> tuple[int, ...]:
    """An array as an argument of machine code."""
    return array.ctypes.data, *array.shape


def _run(alive: object, words: Array, threads: int, thread: int) -> None:
    """alive: the arrays whose addresses are in words."""
    _function()(thread, threads, words.ctypes.data)


@functools.cache
def code() -> Code:
    """What each thread runs."""
    return machine_code(_execute, ("int64 2", "int64 2", "int64 1", "int64 1", "int64 1", "int64 2"))


@functools.cache
def _function() -> Callable[[int, int, int], None]:
    return CFUNCTYPE(None, c_int64, c_int64, c_void_p)(code().address)
