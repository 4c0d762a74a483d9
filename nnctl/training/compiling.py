"""What is said of the kernel cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nnctl.kernels.compiler import cache


@contextmanager
def cache_notes_in(notes: list[str]) -> Iterator[None]:
    """While entered, what is told of the kernel cache is added to these notes, beside being printed at once.

    That kernels are being compiled is progress, and no note.
    """
    cache.listening.append(notes)
    try:
        yield
    finally:
        cache.listening.pop()
