"""How far work of many parts has come, such as the reading of many files, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, int], None]
"""Receives what is done, such as `decoding pictures`, how many parts are done, and of how many."""

_listeners: list[Listener] = []


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """While entered, the listener hears of all such work, on the thread that does it."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def tell(what: str, done: int, total: int) -> None:
    """Parts are done."""
    for listener in _listeners:
        listener(what, done, total)
