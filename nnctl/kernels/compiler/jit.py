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
    """A function for compiled code, made of a Python function by numba when compiled code first uses it.

    numba asks the global names of a function that it compiles for `_numba_type_`, and for `targetoptions` and `py_func`
    where it inlines.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any] | None) -> None:
        """options: of numba's jit; None for an intrinsic."""
        functools.update_wrapper(self, function)
        self._function, self._options = function, options

    @functools.cached_property
    def _made(self) -> Any:
        from nnctl.kernels.compiler import numba_target

        if self._options is None:
            return numba_target.intrinsic(self._function)
        return numba_target.inner_function(self._function, self._options)

    @property
    def _numba_type_(self) -> Any:
        from nnctl.kernels.compiler import numba_target

        return numba_target.type_of(self._made)

    @property
    def targetoptions(self) -> Any:
        return getattr(self._made, "targetoptions", None)

    @property
    def py_func(self) -> Any:
        return self._function

    @functools.cached_property
    def _called_from_python(self) -> Any:
        from nnctl.kernels.compiler import numba_target

        return numba_target.python_function(self._function)

    def __call__(self, *arguments: Any) -> Any:
        return self._called_from_python(*arguments)


def compiled(function: F) -> F:
    """A function that kernels call. Called from Python, it is compiled at its first call, and not cached."""
    return cast(F, Deferred(function, {"no_cfunc_wrapper": True}))


def inlined(function: F) -> F:
    """As `compiled`, inlined into its callers before they are compiled: with one caller, that compiles faster."""
    return cast(F, Deferred(function, {"inline": "always"}))


def intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """numba's: a function of compiled code, from one that returns its signature and what generates its LLVM code."""
    return Deferred(function, None)
