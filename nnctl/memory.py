"""How much memory there is, sizes in words, and arrays in it."""

from __future__ import annotations

import os
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnctl import control_group, macos

LINE = 64  # bytes of a cache line, and of the longest vector


def available_memory() -> int:
    """Bytes that this process may still take: the machine's, or those of its control groups where that is less."""
    return min(_machine(), _control_group())


def bytes_in_words(size: float) -> str:
    """`1536` as `1.5 KB`; powers of 1024, three digits or the whole ones."""
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 999.5 else f"{size:.3g} {unit}"
        size /= 1024
    return f"{size:.3g} PB" if size < 999.5 else f"{size:,.0f} PB"


def zeros(shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """As np.zeros, beginning with a cache line: vectors that straddle two take longer to read."""
    size = prod(shape) if isinstance(shape, tuple) else shape
    room = np.zeros(size * np.dtype(dtype).itemsize + LINE, np.uint8)
    start = -room.ctypes.data % LINE
    return room[start : start + size * np.dtype(dtype).itemsize].view(dtype).reshape(shape)


def _machine() -> int:
    free = macos.free_memory()
    if free is not None:
        return free
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _control_group() -> int:
    limit = control_group.free_memory()
    return 1 << 62 if limit is None else int(limit.amount)
