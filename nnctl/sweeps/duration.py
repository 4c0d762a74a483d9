"""A length of time in a config: seconds, or text such as `1h 30min`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h|d)")


def _seconds(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = list(_PART.finditer(value))
    if not parts or "".join(part[0] for part in parts) != value.rstrip():
        raise ValueError(f"{value[:40]!r} is not a duration; write seconds, or 30min, 2h, 1h 30min")
    return sum(float(part[1]) * _SECONDS[part[2]] for part in parts)


Duration = Annotated[float, BeforeValidator(_seconds), Field(gt=0.0, le=366 * 86400.0)]
"""Seconds."""
