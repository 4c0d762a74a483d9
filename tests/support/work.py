"""How much work something is, on any machine and however busy that is: counted, not timed."""

from __future__ import annotations

from collections.abc import Callable
from cProfile import Profile
from typing import TypeVar

T = TypeVar("T")


def counted(work: Callable[[], T]) -> tuple[T, int]:
    """What it returns, and the number of calls that it took, of Python's functions and of built-in ones."""
    with Profile() as profile:
        result = work()
    return result, sum(entry.callcount for entry in profile.getstats())


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """Work of twice the size takes at most about twice as many calls, not four times."""
    work(size)  # what is made at its first use is no part of it
    _, once = counted(lambda: work(size))
    _, twice = counted(lambda: work(2 * size))
    assert twice < 2.5 * once, (once, twice)
