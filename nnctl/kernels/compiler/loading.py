"""Loading machine code. What the kernel cache lacks is compiled, by this process and by others beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from nnctl import machine
from nnctl.kernels.compiler.code import Code
from nnctl.kernels.compiler.level import check
from nnctl.kernels.compiler.progress import COMPILE_LOCK, CompileWatch

FEWEST = 4  # functions for each process: fewer are compiled before another one has started


def load(codes: Iterable[Code]) -> None:
    """Load what is not yet loaded. Raises UsageError where this machine cannot run it."""
    check()
    missing = [code for code in dict.fromkeys(codes) if not code.address and not code.load_kept()]
    if missing:
        with COMPILE_LOCK:
            missing = [code for code in missing if not code.load_kept()]  # kept by another process meanwhile
            if missing:
                _compile_all(missing)


def _compile_all(codes: Sequence[Code]) -> None:
    """Compile them in their order, keep them in the cache, and load them."""
    others = min(machine.available_cores(), len(codes) // FEWEST) - 1
    left = deque(codes)
    with CompileWatch.compiling(len(codes)) as begins:
        if others > 0:
            with ThreadPoolExecutor(others) as threads:
                for _ in range(others):
                    threads.submit(_hand_over, left, begins)
                try:
                    _compile(left, begins)
                finally:
                    left.clear()  # also of what is not wanted any more, after Ctrl-C
        else:
            _compile(left, begins)
        for code in codes:  # those of other processes; where one has failed, this one tells why
            if not code.address and not code.load_kept():
                code.compile()


def _taken(left: deque[Code]) -> Iterator[Code]:
    with suppress(IndexError):
        while True:
            yield left.popleft()


def _compile(left: deque[Code], begins: Callable[[], None]) -> None:
    for code in _taken(left):
        begins()
        code.compile()


def _hand_over(left: deque[Code], begins: Callable[[], None]) -> None:
    """Have another process compile what is left, one after another, until it ends or nothing is left."""
    command = [sys.executable, "-P", "-m", "nnctl.kernels.compiler.compile_worker"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        if process.stdin is None or process.stdout is None or not process.stdout.readline():
            return
        for code in _taken(left):
            begins()
            job = [code.function.__module__, code.function.__qualname__, code.kinds, code.form]
            try:
                process.stdin.write(json.dumps(job) + "\n")
                process.stdin.flush()
            except BrokenPipeError:
                return
            if not process.stdout.readline():
                return
