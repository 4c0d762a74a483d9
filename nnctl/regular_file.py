"""Files that a user names: regular ones are read, and what cannot be read is an error for people."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nnctl.errors import NnctlError, Problem
from nnctl.pointers import refuse_pointer, why_missing
from nnctl.text import did_you_mean

STDIN = Path("-")
VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")


def shown(path: Path) -> str:
    """The path as messages show it: relative where it lies below the working directory."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def similar_name(path: Path) -> str:
    """What may have been meant by a path that does not exist."""
    if path == STDIN:
        return "data come from files alone: write them to a file, and name it"
    if variable := VARIABLE.search(str(path)):
        return without_braces(variable)
    nearest = next((folder for folder in path.parents if folder.is_dir()), Path("/"))
    if nearest == path.parent:
        with suppress(OSError):
            names = [entry.name for entry in nearest.iterdir() if entry.name != path.name]
            similar = did_you_mean(path.name, names)
            if similar:
                return similar
    return f"the folder {nearest} exists; check the path"


def without_braces(variable: re.Match[str]) -> str:
    """The remedy for a path that has `$NAME` in it."""
    return f"in a config an environment variable is written ${{{variable[1]}}}"


@contextmanager
def reading(
    path: Path, error_type: type[NnctlError], if_missing: Callable[[Path], str] = similar_name
) -> Iterator[None]:
    """Turns what the operating system says about a file into an error for people.

    if_missing: what to do about a path that does not exist.
    """
    try:
        yield
    except UnicodeDecodeError:  # about what the file holds; a ValueError too
        raise
    except FileNotFoundError:
        what, help = why_missing(path, shown) or ("does not exist", if_missing(path))
        raise error_type(Problem(what, shown(path), help=help)) from None
    except PermissionError:
        closed = next((folder for folder in reversed(path.absolute().parents) if not os.access(folder, os.X_OK)), path)
        help = f"make it readable: chmod u+rX {shlex.quote(shown(closed))}"
        what = "cannot be read (permission denied)"
        raise error_type(Problem(what, shown(path), help=help)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        what = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise error_type(Problem(what, shown(path), help="check the path and the disk")) from None


def refuse_irregular(
    path: Path,
    status: os.stat_result,
    error_type: type[NnctlError],
    help_in_folder: Callable[[Path], str] = lambda path: "name a file in it",
) -> None:
    """Refuse what is not a regular file: a folder, a FIFO, a device. status: what the system says of it."""
    if stat.S_ISDIR(status.st_mode):
        raise error_type(Problem("is a folder, not a file", shown(path), help=help_in_folder(path)))
    if not stat.S_ISREG(status.st_mode):
        help = "write its contents to a file, and name that"
        raise error_type(Problem("is not a regular file", shown(path), help=help))


def require_regular_file(
    path: Path, error_type: type[NnctlError], if_missing: Callable[[Path], str] = similar_name
) -> int:
    """The size in bytes of a regular file; anything else is refused before it is opened, and what points to a file."""
    with reading(path, error_type, if_missing):
        status = path.stat()
    refuse_irregular(path, status, error_type)
    with reading(path, error_type, if_missing):
        refuse_pointer(path, status.st_size, shown, error_type)
    return status.st_size
