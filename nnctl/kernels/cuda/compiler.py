"""The only module that imports `numba.cuda`: kernels are compiled, launched and simulated through it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

from nnctl.kernels.compiler import cache

cache.prepare()  # before the next line, which reads the environment
import numba  # noqa: E402
from numba import cuda  # noqa: E402

__all__ = ["BLOCK_THREADS", "MAX_BLOCKS", "Array", "can_compile", "compiled", "cuda", "has_gpu"]

_IS_SIMULATED = bool(numba.config.ENABLE_CUDASIM)

# Of a launch, at most; a thread goes on to further items. In the simulator a few threads are already slow.
BLOCK_THREADS, MAX_BLOCKS = (2, 2) if _IS_SIMULATED else (256, 65_535)

Array = Any  # numba's, on the device: without types
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Make a function that kernels may call."""
    return cast(F, cuda.jit(function, device=True))


def has_gpu() -> bool:
    """Whether there is a GPU that kernels can run on, if only a simulated one."""
    return _IS_SIMULATED or bool(cuda.cudadrv.driver.driver.is_available)


def can_compile() -> bool:
    """Whether all that is needed to compile kernels is installed."""
    return _IS_SIMULATED or find_spec("numba_cuda") is not None or bool(cuda.cudadrv.nvvm.is_available())
