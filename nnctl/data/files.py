"""Reading files that may be missing, damaged, hostile or huge: every failure is a DataError with its place."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nnctl.errors import DataError, NnctlError, Problem
from nnctl.memory import available_memory
from nnctl.text import did_you_mean

GIB = 1 << 30
CEILING = 8 * GIB  # of memory for the arrays of one file


def shown(path: Path) -> str:
    """The path as messages show it: relative where it lies below the working directory."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def file_error(path: Path, what: str, help: str = "", line: int | None = None) -> DataError:
    """A DataError about one file."""
    return DataError(Problem(what, file=shown(path), line=line, help=help))


@contextmanager
def reading(path: Path, error_type: type[NnctlError] = DataError) -> Iterator[None]:
    """Turns what the operating system says about a file into an error for people."""
    try:
        yield
    except UnicodeDecodeError:  # about what the file holds; a ValueError too
        raise
    except FileNotFoundError:
        raise error_type(Problem("does not exist", shown(path), help=_instead(path))) from None
    except PermissionError:
        what, help = "cannot be read (permission denied)", "make it readable: chmod u+r"
        raise error_type(Problem(what, shown(path), help=help)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        what = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise error_type(Problem(what, shown(path), help="check the path and the disk")) from None


def _instead(path: Path) -> str:
    """What may have been meant by a path that does not exist."""
    nearest = next((folder for folder in path.parents if folder.is_dir()), Path("/"))
    if nearest == path.parent:
        with suppress(OSError):
            similar = did_you_mean(path.name, [entry.name for entry in nearest.iterdir()])
            if similar:
                return similar
    return f"the folder {nearest} exists; check the path"


def require_regular_file(path: Path, error_type: type[NnctlError] = DataError) -> int:
    """The size in bytes of a regular file; anything else is refused, a FIFO too, before it is opened."""
    with reading(path, error_type):
        status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise error_type(Problem("is a folder, not a file", shown(path), help="name a file in it"))
    if not stat.S_ISREG(status.st_mode):
        help = "write its contents to a file, and name that"
        raise error_type(Problem("is not a regular file", shown(path), help=help))
    return status.st_size


def require_file(path: Path) -> int:
    """The size in bytes of a data file: regular, and not empty. Raises DataError."""
    size = require_regular_file(path)
    if size == 0:
        raise file_error(path, "is empty", "give a file with samples, or fetch it again")
    return size


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def memory_limit() -> int:
    """Bytes that the arrays of one file may take: 8 GiB, or what this process has left where that is less."""
    return min(CEILING, available_memory())


def require_memory(path: Path, needed: int, what: str = "") -> None:
    """Refuse a file whose arrays would take more than the limit, before any memory is taken. needed: bytes."""
    if needed > 1 << 20 and needed > (limit := memory_limit()):  # small ones need no look at the machine
        size = f"{needed / GIB:,.1f} GiB" if needed < 1 << 60 else f"{needed:.1e} bytes"
        raise file_error(
            path,
            f"{what or 'it'} would take {size} of memory, {limit / GIB:.1f} GiB are the limit",
            "use fewer samples; if the file should be small, it is damaged",
        )
