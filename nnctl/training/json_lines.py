"""Rows of JSON, a line each, that a run appends to while others read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def whole_rows(lines: Iterable[bytes], key: str) -> list[dict[str, Any]]:
    """The rows with an integer under this key; those that cannot be read, such as a half-written last one, are left
    out.
    """
    return [row for line in lines if line.endswith(b"\n") and (row := _row(line, key)) is not None]


def _row(line: bytes, key: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and isinstance(row.get(key), int) else None
