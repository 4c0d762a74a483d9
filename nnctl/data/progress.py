"""How far the reading of many files has come, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, int], None]
"""Receives what is done, such as `decoding pictures`, how many files are done, and of how many."""

_listeners: list[Listener] = []


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """While entered, the listener hears of all reading, on the thread that reads."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def tell(what: str, done: int, total: int) -> None:
    """Files were read."""
    for listener in _listeners:
        listener(what, done, total)
