"""stdin, stdout and stderr as they really come: closed, full, in another encoding, or with a reader that goes away.

A run must not die because its reader is gone: what cannot be written is dropped, and the exit code stays the same.
Only a stdout that is there and cannot take the results (a full disk) is an error.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, TextIO, cast


class StdoutError(OSError):
    """The results cannot be written."""


def protect() -> None:
    """Make the three streams safe to use. Call before any file is opened."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:  # closed: the next file to be opened would take its number, and what is printed
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115 - open as long as the process
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace" if name == "stdout" else "backslashreplace")
        setattr(sys, name, cast(TextIO, _Stream(stream, name)))


def silence(stream: Any) -> None:
    """Let everything that is still to be written to a stream vanish."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


class _Stream:
    """A text stream that falls silent instead of raising."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._gone(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._gone(error)

    def _gone(self, error: OSError) -> None:
        if self._name == "stdout" and not isinstance(error, BrokenPipeError):
            raise StdoutError(error.errno, error.strerror) from None
        silence(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
