"""What compiled code is written with. numba and LLVM are imported when something is compiled, and not before.

So a process that finds all of its kernels in the cache starts without them, which saves time and memory.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

__all__ = [
    "FLAGS",
    "Array",
    "Deferred",
    "cgutils",
    "compiled",
    "errors",
    "inlined",
    "int32",
    "int64",
    "intrinsic",
    "ir",
    "types",
]

Array = np.ndarray[Any, Any]
F = TypeVar("F", bound=Callable[..., Any])

# Nothing of "fast math" but contract: a*b+c may become one fused multiply-add. Sums keep their order, so bits do
# not change with the vector width, and NaN and infinity are kept.
# No kernel allocates, so none counts references: _nrt is numba's runtime for that, which takes time to start.
FLAGS: dict[str, Any] = {"nopython": True, "fastmath": {"contract"}, "error_model": "numpy", "_nrt": False}


class _Module:
    """A module that is imported when something of it is used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


ir: Any = _Module("llvmlite.ir")
types: Any = _Module("numba.core.types")
cgutils: Any = _Module("numba.core.cgutils")
errors: Any = _Module("numba.core.errors")


def int64() -> Any:
    """The type of addresses, offsets and counts."""
    return ir.IntType(64)


def int32() -> Any:
    """The type of lanes of vectors, and of places in memory that is a structure."""
    return ir.IntType(32)


class Deferred:
    """A function for compiled code, made of a Python function by numba when it is first used.

    numba asks the global names of a function that it compiles for `_numba_type_`, and for `targetoptions` and `py_func`
    where it inlines.
    """

    def __init__(self, function: Callable[..., Any], make: Callable[[], Any]) -> None:
        functools.update_wrapper(self, function)
        self._make = make

    @functools.cached_property
    def made(self) -> Any:
        """numba's function."""
        from nnctl.kernels.compiler.numba_target import typing_context

        made = self._make()
        typing_context().refresh()  # so that it knows the new one
        return made

    @property
    def _numba_type_(self) -> Any:
        from nnctl.kernels.compiler.numba_target import typing_context

        return typing_context().resolve_value_type(self.made)

    @property
    def targetoptions(self) -> Any:
        return getattr(self.made, "targetoptions", None)

    @property
    def py_func(self) -> Any:
        return self.made.py_func

    def __call__(self, *arguments: Any) -> Any:
        return self.made(*arguments)


def compiled(function: F) -> F:
    """A function that kernels call. Called from Python, it is compiled at its first call, and not cached."""
    return _jitted(function, no_cfunc_wrapper=True)


def inlined(function: F) -> F:
    """As `compiled`, inlined into its callers before they are compiled: with one caller, that compiles faster."""
    return _jitted(function, inline="always")


def _jitted(function: F, **options: Any) -> F:
    def make() -> Any:
        import numba

        return numba.jit(**options, **FLAGS)(function)

    return cast(F, Deferred(function, make))


def intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """numba's: a function of compiled code, from one that returns its signature and what generates its LLVM code."""

    def make() -> Any:
        import numba.extending

        return numba.extending.intrinsic(function)

    return Deferred(function, make)
