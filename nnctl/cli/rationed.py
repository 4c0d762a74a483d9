"""Lines of a log, where nobody sees a bar move: the first, the last, and at most one every few seconds between them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

INTERVAL = 5.0  # seconds


class RationedLines:
    """write: prints a line. clock: gives seconds."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = monotonic) -> None:
        self._write = write
        self._clock = clock
        self._due = float("-inf")  # when the next line may be printed
        self._held_back: str | None = None

    def line(self, text: str, *, important: bool = False) -> None:
        """Print a line, or hold it back until another takes its place. important: print it in any case."""
        now = self._clock()
        if important or now >= self._due or now < self._due - INTERVAL:  # the last: the clock was set back
            self._due = now + INTERVAL
            self._held_back = None
            self._write(text)
        else:
            self._held_back = text

    def end(self) -> None:
        """Print the last line, if it was held back; the next is a first one."""
        if self._held_back is not None:
            self._write(self._held_back)
        self._held_back = None
        self._due = float("-inf")
