"""Reading files that may be missing, damaged, hostile or huge: every failure is a DataError with its place."""

from __future__ import annotations

import hashlib
from pathlib import Path

from nnctl.errors import DataError, Problem
from nnctl.memory import available_memory
from nnctl.regular_file import reading, require_regular_file, shown

GIB = 1 << 30
CEILING = 8 * GIB  # of memory for the arrays of one file


def file_error(path: Path, what: str, help: str = "", line: int | None = None) -> DataError:
    """A DataError about one file."""
    return DataError(Problem(what, file=shown(path), line=line, help=help))


def require_file(path: Path) -> int:
    """The size in bytes of a data file: regular, and not empty. Raises DataError."""
    size = require_regular_file(path, DataError)
    if size == 0:
        raise file_error(path, "is empty", "give a file with samples, or fetch it again")
    return size


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with reading(path, DataError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def memory_limit() -> int:
    """Bytes that the arrays of one file may take: 8 GiB, or what this process has left where that is less."""
    return min(CEILING, available_memory())


def require_memory(path: Path, needed: int, what: str = "", help: str = "") -> None:
    """Refuse a file whose arrays would take more than the limit, before any memory is taken. needed: bytes."""
    if needed > 1 << 20 and needed > (limit := memory_limit()):  # small ones need no look at the machine
        size = f"{needed / GIB:,.1f} GiB" if needed < 1 << 60 else f"{needed:.1e} bytes"
        raise file_error(
            path,
            f"{what or 'it'} would take {size} of memory, {limit / GIB:.1f} GiB are the limit",
            help or "use fewer samples; if the file should be small, it is damaged",
        )
