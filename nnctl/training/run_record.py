"""What a run folder says of its run, read without a lock, whether the run goes on or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from nnctl.training.observer import Row

Status = Literal["finished", "early", "pruned", "failed", "unfinished"]
SIZE_LIMIT = 2**26  # bytes of a file that is read


def read_result(run: Path) -> dict[str, Any] | None:
    """What result.json says; None where there is none that can be read."""
    try:
        with (run / "result.json").open("rb") as file:
            value = json.loads(file.read(SIZE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_rows(run: Path) -> list[Row]:
    """The whole rows of metrics.jsonl; those that cannot be read are left out."""
    try:
        with (run / "metrics.jsonl").open("rb") as file:
            lines = file.read(SIZE_LIMIT).splitlines(keepends=True)
    except OSError:
        return []
    return [row for line in lines if line.endswith(b"\n") and (row := _row(line)) is not None]


def read_last_row(run: Path) -> Row | None:
    """The last row of metrics.jsonl, without reading all of them."""
    try:
        with (run / "metrics.jsonl").open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 2**16))
            lines = file.read().splitlines(keepends=True)
    except OSError:
        return None
    return next((row for line in reversed(lines) if line.endswith(b"\n") and (row := _row(line)) is not None), None)


def metrics_of(row: Row) -> dict[str, float | None]:
    """The losses and metrics of a row."""
    other = ("epoch", "step", "learning_rate", "grad_norm", "seconds", "samples_per_second")
    return {name: value for name, value in row.items() if name not in other}


def status_of(result: dict[str, Any] | None) -> Status:
    """How the run ended, by its result. unfinished: it goes on, was stopped or killed, and can be resumed."""
    if result is None:
        return "unfinished"
    if "error" in result:
        return "failed"
    stopped = result.get("stopped")
    return stopped if stopped in ("finished", "early", "pruned") else "unfinished"


def _row(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and isinstance(row.get("epoch"), int) else None
