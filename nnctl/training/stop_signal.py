"""Asking a run to end after its step: by SIGINT and SIGTERM, or by an observer."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Any, Literal

Stopped = Literal["finished", "early", "pruned", "signal"]  # how a run ended


class Stop:
    """asked: why the run shall end after its step; None while it may continue. Any thread may set it."""

    def __init__(self) -> None:
        self.asked: Literal["pruned", "signal"] | None = None


class StopSignal(Stop):
    """While entered, notes the first signal in `number`; the second ends the process at once. Only the main thread can
    catch signals; others go without.
    """

    def __init__(self) -> None:
        super().__init__()
        self.number: int | None = None
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> StopSignal:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._noted)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _noted(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            if os.isatty(2):
                os.write(2, b"\033[?25h")  # shows the cursor, which a progress bar hides
            os._exit(128 + number)
        self.number = number
        self.asked = "signal"
