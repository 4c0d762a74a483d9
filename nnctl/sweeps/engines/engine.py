"""What an engine is: it runs trials somewhere, several at a time, and reports how each ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

Task = dict[str, Any]
"""What `sweeps.work.run_trial` needs beside the run folder, all of it JSON values."""

How = Literal["finished", "pruned", "stopped", "failed", "busy", "lost"]


@dataclass(frozen=True)
class Ended:
    """How a trial ended, by its run folder.

    finished, pruned: its result.json is there. stopped: asked to, and its checkpoint is there to continue from.
    failed: `error` has the problems, as `--json` prints them. busy: another process trains in this folder.
    lost: the worker is gone; `reason` says what is known, and a checkpoint may be there to continue from.
    """

    folder: Path
    how: How
    error: dict[str, Any] | None = None
    reason: str = ""


class Engine(ABC):
    """A context: entered, it starts its workers; left, it ends them, at once where an exception leaves it."""

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many trials may run at a time now."""

    @property
    def is_here(self) -> bool:
        """Whether trials take the memory of this machine."""
        return True

    @property
    @abstractmethod
    def running(self) -> list[Path]:
        """The folders of the running trials."""

    @abstractmethod
    def start(self, folder: Path, task: Task) -> None:
        """Begin a trial. Call only while fewer than `workers` are running."""

    @abstractmethod
    def wait(self, seconds: float) -> list[Ended]:
        """Trials that have ended, each once; waits for one at most so long."""

    @abstractmethod
    def stop(self) -> None:
        """Ask all running trials to save and to end; `wait` reports when they have. Returns at once."""

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
