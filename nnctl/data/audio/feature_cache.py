"""Features that were computed before: one file a data set, in the user's cache. What is wrong with it is no error."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import numpy as np

from nnctl.data.source import Array
from nnctl.errors import NnctlError
from nnctl.files import write_atomically
from nnctl.user_cache import user_cache

FOLDER = "features"
LARGEST = 4 << 30  # bytes of all files; where there are more, the oldest go
DIGEST = 32  # bytes of SHA-256, at the beginning of a file


def load(key: str, shape: tuple[int, int]) -> Array | None:
    """Features, float32, of this shape; None where they were not kept, or the file is damaged."""
    folder = _folder()
    if folder is None:
        return None
    path = folder / key
    size = shape[0] * shape[1] * 4
    try:
        if path.stat().st_size != DIGEST + size:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    digest, numbers = content[:DIGEST], memoryview(content)[DIGEST:]
    if hashlib.sha256(numbers).digest() != digest:
        return None
    return np.frombuffer(numbers, "<f4").reshape(shape)


def store(key: str, features: Array) -> None:
    """Keep features, float32, where that is possible."""
    folder = _folder()
    content = np.ascontiguousarray(features, "<f4").tobytes()
    if folder is None or DIGEST + len(content) > LARGEST:
        return
    with suppress(OSError, NnctlError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(folder / key, hashlib.sha256(content).digest() + content)
        _make_room(folder)


def _make_room(folder: Path) -> None:
    files = sorted(((path.stat().st_mtime_ns, path) for path in folder.iterdir()), reverse=True)
    total = 0
    for _, path in files:
        total += path.stat().st_size
        if total > LARGEST:
            path.unlink()


def _folder() -> Path | None:
    user = user_cache()
    return None if user is None else user / FOLDER
