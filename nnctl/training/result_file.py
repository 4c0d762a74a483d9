"""result.json: how a run ended, read without a lock, whether the run is active or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from nnctl.files import to_json, write_atomically

Status = Literal["finished", "early", "pruned", "failed", "unfinished"]
NAME = "result.json"
SIZE_LIMIT = 2**26  # bytes of a file that is read


def read_result(run: Path) -> dict[str, Any] | None:
    """What result.json says; None where there is none that can be read."""
    try:
        with (run / NAME).open("rb") as file:
            value = json.loads(file.read(SIZE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def write_result(run: Path, result: dict[str, Any]) -> None:
    """Write what `read_result` gives, whole or not at all. Raises StorageError."""
    write_atomically(run / NAME, (to_json(result, indent=2) + "\n").encode())


def status_of(result: dict[str, Any] | None) -> Status:
    """How the run ended, by its result. unfinished: it is active, was stopped or killed, and can be resumed."""
    if result is None:
        return "unfinished"
    if "error" in result:
        return "failed"
    stopped = result.get("stopped")
    return stopped if stopped in ("finished", "early", "pruned") else "unfinished"
