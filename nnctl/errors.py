"""Errors for people: what is wrong, where, and what to do. Each family has its exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake.

    what: a plain sentence without a final period, e.g. ``expected a whole number of at least 1, got 0``.
    file, line, column: the place, counted from 1; file may also say ``command line``.
    path: the dotted key in the config (``layers.0.kernel_size``), empty where there is none.
    help: what to do about it, one sentence.
    """

    what: str
    file: str = ""
    line: int | None = None
    column: int | None = None
    path: str = ""
    help: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part not in ("", None))
        text = ": ".join(part for part in (place, self.path, self.what) if part)
        return f"{text}\n  help: {self.help}" if self.help else text

    def to_json(self) -> dict[str, Any]:
        """The problem as `--json` prints it; absent parts are null."""
        return {
            "what": self.what,
            "file": self.file or None,
            "line": self.line,
            "column": self.column,
            "path": self.path or None,
            "help": self.help or None,
        }


class NnctlError(Exception):
    """Base of every error that a user can cause or fix. Raise one of its children.

    notes: what the user was told before it.
    """

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, *problems: Problem | str, help: str = "") -> None:
        self.problems: tuple[Problem, ...] = tuple(
            Problem(problem, help=help) if isinstance(problem, str) else problem for problem in problems
        )
        self.notes: tuple[str, ...] = ()
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints under `error`."""
        problems = [problem.to_json() for problem in self.problems]
        return {"kind": self.kind, "exit_code": self.exit_code, "problems": problems}


class UsageError(NnctlError):
    """The command line asks for something that does not exist or cannot be."""

    kind, exit_code = "usage", 2


class ConfigError(NnctlError):
    """The config, or an override of it, is wrong."""

    kind, exit_code = "config", 2


class DataError(NnctlError):
    """The data set is missing, damaged or unfit."""

    kind, exit_code = "data", 3


class CheckpointError(NnctlError):
    """A checkpoint is missing, damaged, or does not fit."""

    kind, exit_code = "checkpoint", 4


class DivergedError(NnctlError):
    """The loss or a gradient became NaN or infinite."""

    kind, exit_code = "diverged", 5


class StorageError(NnctlError):
    """The disk is full, or a folder may not be written."""

    kind, exit_code = "storage", 8
