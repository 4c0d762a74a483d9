"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from nnctl.errors import Problem, StorageError, UsageError


def write_atomically(path: Path, data: bytes, option: str = "--run DIR") -> None:
    """The bytes of a file as a whole: a reader sees the old file or the new one. Raises StorageError."""
    with written_atomically(path, option) as file:
        file.write(data)


@contextlib.contextmanager
def written_atomically(path: Path, option: str = "--run DIR") -> Iterator[IO[bytes]]:
    """A file to write into, beside its target, synced and renamed at the end; where anything fails nothing is left.

    option: what the user can say to write elsewhere. Raises StorageError.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise storage_error(path, error, option) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            sync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError):
            raise storage_error(path, error, option) from None
        raise


def sync(file: int) -> None:
    """Wait until what was written to an open file, by its descriptor, survives a power cut. Raises OSError."""
    if sys.platform == "darwin":  # where fsync leaves it in the drive's own memory
        import fcntl

        with contextlib.suppress(OSError):  # a drive of a network may not know how
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)
            return
    os.fsync(file)


def refuse_to_overwrite(path: Path, option: str = "-o FILE") -> None:
    """Refuse a file that is there already. Raises UsageError, and StorageError where that cannot be checked."""
    try:
        there = path.exists() or path.is_symlink()
    except OSError as error:
        raise storage_error(path, error, option) from None
    if there:
        help = f"choose another file with {option}, or remove it"
        raise UsageError(Problem("is there already; nothing is overwritten", str(path), help=help))


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
    no_locks = f"choose a folder on another file system with `{option}`: this one has no locks"
    remedies = {
        errno.ENOSPC: "free some space; what was saved before is whole",
        errno.EDQUOT: "free some space; what was saved before is whole",
        **dict.fromkeys((errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP), no_locks),
        errno.EFBIG: "raise the limit on the size of files (`ulimit -f`); what was saved before is whole",
    }
    help = remedies.get(error.errno or 0, f"choose a folder that you may write with `{option}`")
    return StorageError(Problem(f"cannot be written: {error.strerror}", str(path), help=help))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems sync files alone
            raise
    finally:
        os.close(descriptor)
