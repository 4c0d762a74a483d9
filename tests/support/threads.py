"""Run kernels on a given number of threads for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nnctl.kernels.runtime import program
from nnctl.kernels.runtime.workers import set_threads


@contextmanager
def threads(number: int) -> Iterator[None]:
    """While entered, kernels run on `number` threads, and share even what one thread would do sooner alone."""
    usual = program.ALONE, program.ALL_ALONE
    program.ALONE = program.ALL_ALONE = 0
    set_threads(number)
    try:
        yield
    finally:
        set_threads(None)
        program.ALONE, program.ALL_ALONE = usual
