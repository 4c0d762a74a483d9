"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

from nnctl.errors import Problem, StorageError


def write_atomically(path: Path, data: bytes, option: str = "--run DIR") -> None:
    """Write beside the target, sync, rename: a reader sees the old file or the new one. Raises StorageError.

    option: what the user can say to write elsewhere.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise storage_error(path, error, option) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise storage_error(path, error, option) from None


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON that every reader takes: NaN and infinity, which JSON does not have, become null."""
    return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def storage_error(path: Path, error: OSError, option: str = "--run DIR") -> StorageError:
    """The error for people that a failed write means. option: what they can say to write elsewhere."""
    remedies = {
        errno.ENOSPC: "free some space; what was saved before is whole",
        errno.EDQUOT: "free some space; what was saved before is whole",
        errno.EFBIG: "raise the limit on the size of files (`ulimit -f`); what was saved before is whole",
    }
    help = remedies.get(error.errno or 0, f"choose a folder that you may write with `{option}`")
    return StorageError(Problem(f"cannot be written: {error.strerror}", str(path), help=help))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
