"""What becomes of other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def children_of(parent: int) -> set[int]:
    """The processes whose parent is this one, those among them that have ended and that nobody has waited for."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _fields(stat)
        if fields and int(fields[1]) == parent:
            found.add(int(stat.parent.name))
    return found


def is_alive(process: int) -> bool:
    """Whether it has not ended."""
    fields = _fields(Path(f"/proc/{process}/stat"))
    return bool(fields) and fields[0] not in ("Z", "X")


def wait_until(holds: Callable[[], Any], seconds: float = 120.0) -> None:
    """Look again and again, and fail where it takes longer."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.002)


def _fields(stat: Path) -> list[str]:
    """The state, the parent and more; nothing where the process is gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return []
