"""Run kernels on a given number of threads for a while, whether it is the fastest or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nnctl.kernels.runtime import program
from nnctl.kernels.runtime.team_size import TeamSize
from nnctl.kernels.runtime.workers import set_threads


class FixedSize(TeamSize):
    """Of as many threads as there may be."""

    def steps(self, left: int) -> int:
        return left

    def took(self, steps: int, seconds: float) -> None:
        pass


@contextmanager
def threads(number: int) -> Iterator[None]:
    """While entered, kernels run on `number` threads, and share even what one thread would do sooner alone."""
    usual = program.ALONE, program.ALL_ALONE, program.TeamSize
    program.ALONE, program.ALL_ALONE, program.TeamSize = 0, 0, FixedSize  # type: ignore[misc]
    set_threads(number)
    try:
        yield
    finally:
        set_threads(None)
        program.ALONE, program.ALL_ALONE, program.TeamSize = usual  # type: ignore[misc]
