"""Run kernels on a given number of threads for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nnctl.kernels import jit


@contextmanager
def threads(number: int) -> Iterator[None]:
    """While entered, kernels run on `number` threads, or on as many as this machine has where that is fewer.

    They run their parallel versions even where there is little to do.
    """
    usual = jit.PARALLEL_FROM
    jit.PARALLEL_FROM = 0
    jit.set_threads(min(number, jit.available_threads()))
    try:
        yield
    finally:
        jit.set_threads(None)
        jit.PARALLEL_FROM = usual
