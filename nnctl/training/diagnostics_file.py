"""diagnostics.jsonl: what was measured by layer, a row a measured step, and before them one of facts about the data."""

from __future__ import annotations

import json
from pathlib import Path

from nnctl.training.metrics_file import Row

NAME = "diagnostics.jsonl"


def read_rows(run: Path) -> list[Row]:
    """The whole rows; those that cannot be read, such as a half-written last one, are left out."""
    try:
        lines = (run / NAME).read_bytes().splitlines(keepends=True)
    except OSError:
        return []
    return [row for line in lines if line.endswith(b"\n") and (row := _row(line)) is not None]


def _row(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and isinstance(row.get("step"), int) else None
