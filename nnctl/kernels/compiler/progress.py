"""Compiling kernels: its progress, and the lock between processes that share a cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import perf_counter

from nnctl import locks
from nnctl.kernels.compiler import cache
from nnctl.text import counted


class CompileLock:
    """While entered, no other process compiles into the cache folder: it would compile the same kernels, and numba
    updates its index files without a lock. Where the folder cannot be locked, it goes on without.
    """

    def __init__(self) -> None:
        self._lock = ExitStack()
        self._depth = 0  # compiling a kernel can compile others

    def __enter__(self) -> None:
        if self._depth == 0:
            self._acquire()
        self._depth += 1

    def __exit__(self, *exception: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._lock.close()

    def _acquire(self) -> None:
        with suppress(OSError), ExitStack() as acquired:
            file = acquired.enter_context((cache.prepare() / "lock").open("ab"))
            if not locks.acquire(file.fileno()):
                CompileWatch.begins()
                locks.acquire(file.fileno(), wait=True)
            self._lock = acquired.pop_all()


COMPILE_LOCK = CompileLock()


def compiling_kernels(count: int = 0) -> str:
    """That they are, and how often that will be. count: how many; 0 where nobody knows."""
    what = counted(count, "kernel") if count else "kernels"
    return f"compiling {what} ({'once on this machine' if cache.keeps(cache.prepare()) else 'for this command alone'})"


class CompileWatch:
    """While entered, counts the kernels that are compiled, and the seconds that this takes.

    on_begin: called with the count so far before each kernel, and when another process is waited for that compiles.
    """

    _watching: list[CompileWatch] = []  # noqa: RUF012 - shared on purpose
    _noted = False

    def __init__(self, on_begin: Callable[[int], None] = lambda count: None) -> None:
        self.count = 0
        self.seconds = 0.0
        self._on_begin = on_begin
        self._begun = False  # several kernels that are waited for count as one beginning

    def __enter__(self) -> CompileWatch:
        self._watching.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        self._watching.remove(self)

    @classmethod
    def begins(cls, count: int = 0) -> None:
        """A kernel is compiled now, or waited for. Without a watch, the user gets a note: it takes seconds.

        count: how many are compiled in one go; 0 where nobody knows.
        """
        if not cls._watching and not CompileWatch._noted and cache.keeps(cache.prepare()):
            cache.tell(compiling_kernels(count), is_progress=True)
            CompileWatch._noted = True
        for watch in cls._watching:
            if watch.count or not watch._begun:
                watch._on_begin(watch.count)
            watch._begun = True

    @classmethod
    @contextmanager
    def compiling(cls, count: int) -> Iterator[Callable[[], None]]:
        """While entered, so many kernels are being compiled. The function is to be called when another one begins."""

        def begins() -> None:
            cls.begins(count)
            for watch in cls._watching:
                watch.count += 1

        began = perf_counter()
        try:
            yield begins
        finally:
            for watch in cls._watching:
                watch.seconds += perf_counter() - began
