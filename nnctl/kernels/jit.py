"""The one place for compiler flags, the kernel cache and threads. Nothing else imports numba."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar, cast

from nnctl.errors import UsageError
from nnctl.kernels import environment

CACHE_FOLDER = environment.prepare_cache()  # before the next line, which reads the environment
import numba  # noqa: E402
import numpy as np  # noqa: E402
from llvmlite import binding as llvm  # noqa: E402
from numba import prange  # noqa: E402
from numba.core import event  # noqa: E402
from numba.core.caching import FunctionCache, IndexDataCacheFile  # noqa: E402
from numba.core.ccallback import CFunc  # noqa: E402

__all__ = [
    "CACHE_FOLDER",
    "Array",
    "CompileWatch",
    "available_threads",
    "cpu_features",
    "define_symbol",
    "kernel",
    "parallel_kernel",
    "prange",
    "set_threads",
]

Array = np.ndarray[Any, Any]
F = TypeVar("F", bound=Callable[..., Any])

# contract: a*b+c may become one fused multiply-add. Nothing else of "fast math": sums keep their order, so bits do
# not change with the vector width's whims, and NaN and infinity stay visible.
_FLAGS: dict[str, Any] = {
    "nopython": True,
    "cache": True,
    "fastmath": {"contract"},
    "error_model": "numpy",
    "nogil": True,
}


def kernel(function: F) -> F:
    """Compile a serial kernel at its first call with each dtype, and keep it in the cache folder."""
    return _compiled(function, parallel=False)


def parallel_kernel(function: F) -> F:
    """A kernel whose `prange` loops are shared among the threads; each iteration owns what it writes.

    It stands in two versions, each compiled when it is first needed: with little to do, told by the size of the first
    array, waking other threads costs more than it brings. Other kernels cannot call it; plain functions can.
    """
    serial, parallel = _compiled(function, parallel=False), _compiled(function, parallel=True)

    @functools.wraps(function)
    def call(first: Array, *others: Any) -> Any:
        return (serial if first.size < PARALLEL_FROM else parallel)(first, *others)

    return cast(F, call)


PARALLEL_FROM = 4096  # elements; measured: some 5 us for a parallel region, as long as a pass over so many


def _compiled(function: F, *, parallel: bool) -> F:
    dispatcher = numba.jit(parallel=parallel, **_FLAGS)(function)
    dispatcher._cache = _SelfHealingCache(function, "parallel" if parallel else "")
    return cast(F, dispatcher)


def define_symbol(name: str, function: Callable[..., None], signature: Any, dtype: Any) -> None:
    """Let kernels of this dtype call a function with a C signature by name.

    It is compiled, or loaded, when the first of them is: code that calls it must not be loaded before.
    """

    def define() -> None:
        compiled: Any = CFunc(function, (signature.args, signature.return_type), {}, dict(_FLAGS_OF_C))
        compiled._cache = _SelfHealingCache(function)
        compiled.compile()
        llvm.add_symbol(name, compiled.address)
        _SYMBOLS.append(compiled)  # its code lives as long as it does

    _UNDEFINED.setdefault(dtype, []).append(define)


_FLAGS_OF_C: dict[str, Any] = {"nopython": True, "error_model": "numpy"}
_SYMBOLS: list[Any] = []
_UNDEFINED: dict[Any, list[Callable[[], None]]] = {}


def _define_symbols_for(signature: Any) -> None:
    """Define what kernels of the dtypes in this signature may call."""
    for argument in signature:
        for define in _UNDEFINED.pop(getattr(argument, "dtype", None), ()):
            define()


class _SelfHealingCache(FunctionCache):  # type: ignore[misc]  # numba ships no types
    """numba 0.68 raises on an empty or truncated cache file; this one drops the file and compiles again."""

    told = False

    def __init__(self, function: Callable[..., Any], version: str = "") -> None:
        super().__init__(function)
        if version:  # numba's own file name does not tell the versions of a function apart
            self._cache_file = IndexDataCacheFile(
                cache_path=self._cache_path,
                filename_base=f"{self._impl.filename_base}-{version}",
                source_stamp=self._impl.locator.get_source_stamp(),
            )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        _define_symbols_for(getattr(sig, "args", sig))
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:  # unpickling damaged bytes can raise anything
            self._drop(error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError as error:
            self._tell(f"the kernel cache {CACHE_FOLDER} cannot be written ({error.strerror}); going on without it")

    def _drop(self, error: Exception) -> None:
        damaged = Path(self._cache_file._index_path)
        self._tell(f"a file of the kernel cache was damaged ({type(error).__name__}); its kernel is compiled again")
        for file in damaged.parent.glob(f"{damaged.stem}.*"):
            file.unlink(missing_ok=True)

    @classmethod
    def _tell(cls, message: str) -> None:
        if not _SelfHealingCache.told:
            environment.tell(message)
        _SelfHealingCache.told = True


class CompileWatch(event.Listener):  # type: ignore[misc]  # numba ships no types
    """While entered, adds up the seconds spent compiling and calls `on_first` when compiling begins."""

    def __init__(self, on_first: Callable[[], None] = lambda: None) -> None:
        self.seconds = 0.0
        self._on_first: Callable[[], None] | None = on_first
        self._depth = 0
        self._began = 0.0

    def on_start(self, event: Any) -> None:
        if self._on_first is not None:
            self._on_first()
            self._on_first = None
        if self._depth == 0:
            self._began = perf_counter()
        self._depth += 1

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += perf_counter() - self._began

    def __enter__(self) -> CompileWatch:
        event.register("numba:compile", self)
        return self

    def __exit__(self, *exception: object) -> None:
        event.unregister("numba:compile", self)


def cpu_features() -> dict[str, bool]:
    """The features of the processor that kernels are compiled for: the host's, or `NUMBA_CPU_FEATURES`'s."""
    given = numba.config.CPU_FEATURES
    if given is not None:
        return {feature[1:]: feature.startswith("+") for feature in given.split(",") if feature}
    return dict(llvm.get_host_cpu_features())


def available_threads() -> int:
    """Threads to use when nobody says: `NUMBA_NUM_THREADS`, else the cores this process may run on."""
    asked = os.environ.get("NUMBA_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) > 0 else min(_quota(), _cores())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _quota() -> int:
    """Cores that the control group grants, rounded up; a large number where there is no limit."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, -(-int(quota) // int(period)))
    except (OSError, ValueError):
        return 1 << 20


def set_threads(threads: int | None) -> int:
    """Run kernels on this many threads from now on (None: as many as are available). Returns the number.

    The results do not depend on it. Raises UsageError above numba's limit for this process.
    """
    limit = int(numba.config.NUMBA_NUM_THREADS)
    chosen = min(available_threads(), limit) if threads is None else threads
    if not 1 <= chosen <= limit:
        raise UsageError(f"--threads is {threads}, this process can use 1 to {limit}", help=f"use at most {limit}")
    numba.set_num_threads(chosen)
    return chosen
