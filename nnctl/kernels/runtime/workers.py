"""Threads that run a program together: every thread walks through the same stages, with barriers between them.

A stage is a row of calls made on ranges of items. Every thread begins with ranges of its own, and steals others' when
it is done: so a core that is taken away for a while does not make the others wait for all of its ranges.
A range is computed by the same code whoever does it, so the bits do not depend on the threads.
"""

from __future__ import annotations

import functools
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from ctypes import CFUNCTYPE, c_int64, c_void_p
from typing import Any

import numpy as np

from nnctl import machine
from nnctl.kernels.compiler import cache
from nnctl.kernels.compiler.code import Code, machine_code
from nnctl.kernels.compiler.emitted import emitted
from nnctl.kernels.compiler.jit import Array, cgutils, compiled, int64, ir
from nnctl.memory import zeros

# a row of the table of stages
FIRST_CALL, LAST_CALL, ITEMS, RANGES, BARRIER, STOP = range(STAGE := 6)
# a row of the table of calls
CODE, WORDS, SCALE, CALL_ITEMS = range(CALL := 4)
# places in the memory that a thread owns and the others look at, two cache lines, since some processors fetch two at a
# time: how many barriers it has reached, and how many of its ranges have been taken, in two counters
_REACHED, _TAKEN, _LINE = 0, 1, 16
_NOT_FINITE = 0x7FF << 52  # these bits of a float64 are set where it is NaN or infinite
_SPINS = 2000  # looks at the barrier before other processes are let go first: some 50 us


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
    name = "SwitchToThread" if os.name == "nt" else "sched_yield"
    kind = ir.FunctionType(ir.IntType(32), [])
    builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])


@emitted("intp")
def _add(builder: Any, at: Any, value: Any) -> Any:
    return builder.atomic_rmw("add", _place(builder, at), value, "acq_rel")


@emitted("intp")
def _load(builder: Any, at: Any) -> Any:
    return builder.load_atomic(_place(builder, at), "acquire", 8)


@emitted()
def _store(builder: Any, at: Any, value: Any) -> None:
    builder.store_atomic(value, _place(builder, at), "release", 8)


@compiled
def _barrier(memory: int, thread: int, threads: int, number: int) -> None:
    """Wait until all threads are here. number: the barrier's, from 1 on."""
    _store(memory + 8 * (_LINE * thread + _REACHED), number)
    for other in range(threads):
        looks = 0
        while _load(memory + 8 * (_LINE * other + _REACHED)) < number:
            looks += 1
            if looks < _SPINS:
                _relax()
            else:
                _give_way()


@compiled
def _calls(calls: Array, first: int, last: int, begin: int, end: int) -> None:
    for call in range(first, last):
        last_item = min(end * calls[call, SCALE], calls[call, CALL_ITEMS])
        _call(calls[call, CODE], begin * calls[call, SCALE], last_item, calls[call, WORDS])


def _execute(
    thread: int,
    threads: int,
    stages: Array,
    calls: Array,
    step_arguments: Array,
    memory: Array,
    done: Array,
    table: Array,
) -> None:
    """What each thread runs: all stages, once for each row of the table.

    step_arguments: (V,) addresses that get the columns of the table, (steps, V), before each step. done: (1,), the
    steps.
    """
    address = memory.ctypes.data
    barriers = _load(address + 8 * (_LINE * thread + _REACHED))
    turn = 0  # of two counters: one is in use while the other goes back to zero
    wait = stages[0, RANGES] > 1 and (step_arguments.size > 0 or stages[stages.shape[0] - 1, BARRIER] == 0)
    for step in range(table.shape[0]):
        if thread == 0:
            for column in range(step_arguments.size):
                _store(step_arguments[column], table[step, column])
        if threads > 1 and wait:  # for the numbers, or for the end of the step before
            barriers += 1
            _barrier(address, thread, threads, barriers)
        for number in range(stages.shape[0]):
            stage = stages[number]
            if stage[RANGES] > 1:
                for ahead in range(threads):
                    owner = (thread + ahead) % threads
                    first, last = owner * stage[RANGES] // threads, (owner + 1) * stage[RANGES] // threads
                    taken = address + 8 * (_LINE * owner + _TAKEN + turn)
                    # a look costs less than an addition, which would take the line from its owner
                    while first + _load(taken) < last:
                        at = first + _add(taken, 1)
                        if at < last:
                            begin = at * stage[ITEMS] // stage[RANGES]
                            end = (at + 1) * stage[ITEMS] // stage[RANGES]
                            _calls(calls, stage[FIRST_CALL], stage[LAST_CALL], begin, end)
            elif thread == 0:
                _calls(calls, stage[FIRST_CALL], stage[LAST_CALL], 0, stage[ITEMS])
            if stage[BARRIER]:
                if threads > 1:
                    barriers += 1
                    _barrier(address, thread, threads, barriers)
                if stage[RANGES] > 1:
                    _store(address + 8 * (_LINE * thread + _TAKEN + turn), 0)
                    turn = 1 - turn
            if stage[STOP] and _load(stage[STOP]) & _NOT_FINITE == _NOT_FINITE:
                return
        if thread == 0:
            done[0] = step + 1


_FUNCTION = CFUNCTYPE(None, c_int64, c_int64, c_void_p)


def execute(words: Array, threads: int) -> None:
    """Run a program on so many threads; words: the arguments of `_execute`, packed."""
    function = _FUNCTION(code().address)
    others = [_threads().submit(function, thread, threads, words.ctypes.data) for thread in range(1, threads)]
    function(0, threads, words.ctypes.data)
    for other in others:
        other.result()


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """Threads that stay: a new one begins on its maker's core, and it takes milliseconds until one of them moves."""
    return ThreadPoolExecutor(cache.MOST_THREADS, "nnctl")


def barrier_memory(threads: int) -> Array:
    """What `_execute` needs as `memory`."""
    return zeros(threads * _LINE, np.int64)


@functools.cache
def code() -> Code:
    """What each thread runs."""
    return machine_code(_execute, ("int64 2", "int64 2", "int64 1", "int64 1", "int64 1", "int64 2"))
